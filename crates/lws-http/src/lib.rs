//! What HTTP carriers and applications share: handlers, vhosts, mounts, upgrades
