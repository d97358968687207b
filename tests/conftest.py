"""What every test has; factories live beside the tests that need them."""

pytest_plugins = ["tests.portal", "tests.emptying", "tests.logs", "tests.upstream.running"]
