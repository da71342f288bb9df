//! What a source may not send: hidden BSNs, identifiers, rows about persons; versions and their days.
