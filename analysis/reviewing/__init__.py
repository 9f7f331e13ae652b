"""What a reviewer sees beside a sequence: the rules in a helpful order, and the pace of the work."""
