"""The screens of resources that have policies of their own, such as buckets."""
