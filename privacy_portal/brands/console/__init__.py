"""The ground of every page of the console: who may do what under which brand, and the shape of a list and a page.

It stands here, and not in privacy_portal/console/, because each app's `admin.py` uses it, and lower imports nothing
higher.
"""
