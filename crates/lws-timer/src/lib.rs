//! A timing wheel whose caller supplies the clock
