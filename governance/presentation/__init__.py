"""What pages and endpoints say alike: wording, differences of texts, addresses."""
