//! WebSocket as a role
