"""Tagged documents as pages: one to read in a browser, one small one for notebooks. What all pages share: page.py."""
