"""A report in each format, with its quirks; one module a format. Each also says where it puts each person."""
