//! An in-memory host for roles: virtual clock, seeded chunking, faults
