"""What is made of a study's rows: the table, statistics over problems, figures."""
