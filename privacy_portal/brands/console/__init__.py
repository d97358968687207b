"""The ground of every page of the console: who is signed in for which brands, and the shape of a list and a page.

It stands here, and not in privacy_portal/console/, because each app's `admin.py` uses it, and lower imports nothing
higher.
"""
