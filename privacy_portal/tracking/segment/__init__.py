"""A door for the SDKs people already have: what Segment's send is taken as it is (contract T17, docs/sdks.md)."""
