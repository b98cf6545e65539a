"""A station's identity: did:ethr (ERC-1056), its document, and the authority's credential."""
