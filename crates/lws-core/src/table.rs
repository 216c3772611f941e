//! Connections by number.

use crate::conn::Conn;
use lws_role::Handle;

/// Connections by number; a number that is used again has another generation.
#[derive(Default)]
pub(crate) struct Table {
    entries: Vec<Entry>,
    free: Vec<u32>,
}

struct Entry {
    generation: u32,
    conn: Option<Box<Conn>>,
}

impl Table {
    /// The handle that the next [`Table::insert`] fills.
    pub(crate) fn reserve(&mut self) -> Handle {
        let conn = self.free.pop().unwrap_or_else(|| {
            self.entries.push(Entry { generation: 0, conn: None });
            u32::try_from(self.entries.len() - 1).expect("fewer than 2^32 connections")
        });
        Handle { conn, generation: self.entries[conn as usize].generation, sub: 0 }
    }

    pub(crate) fn insert(&mut self, handle: Handle, conn: Box<Conn>) {
        self.entries[handle.conn as usize].conn = Some(conn);
    }

    /// Gives a reserved or used number back.
    pub(crate) fn remove(&mut self, handle: Handle) -> Option<Box<Conn>> {
        let entry = self.entries.get_mut(handle.conn as usize)?;
        if entry.generation != handle.generation {
            return None;
        }
        entry.generation = entry.generation.wrapping_add(1);
        self.free.push(handle.conn);
        entry.conn.take()
    }

    /// The connection that `handle` names, unless it is stale.
    pub(crate) fn at(&mut self, handle: Handle) -> Option<&mut Conn> {
        let entry = self.entries.get_mut(handle.conn as usize)?;
        if entry.generation != handle.generation {
            return None;
        }
        entry.conn.as_deref_mut()
    }

    /// The current handle of a connection's number.
    pub(crate) fn handle(&self, conn: u32) -> Option<Handle> {
        let entry = self.entries.get(conn as usize)?;
        Some(Handle { conn, generation: entry.generation, sub: 0 })
    }

    /// The handles of all connections.
    pub(crate) fn handles(&self) -> Vec<Handle> {
        let live = self.entries.iter().enumerate().filter(|(_, e)| e.conn.is_some());
        live.map(|(i, e)| Handle {
            conn: u32::try_from(i).expect("fewer than 2^32 connections"),
            generation: e.generation,
            sub: 0,
        })
        .collect()
    }
}
