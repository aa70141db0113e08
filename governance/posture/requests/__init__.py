"""Why one request is denied: what was asked, the policies that apply, gaps, AWS's own words."""
