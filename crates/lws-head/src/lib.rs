//! HTTP message heads: methods, status codes, fields, targets, path normalisation
