"""Which crossings are meant: declared by an owner, approved by an owner of the target."""
