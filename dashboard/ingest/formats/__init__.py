"""Files that are no CSV text: packed ones, JSON, HTML pages and workbooks, each opened as a table of words."""
