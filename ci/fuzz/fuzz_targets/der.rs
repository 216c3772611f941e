//! DER (X.690): there is one encoding of everything, so what is read and written again is the same bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lws_gencrypto::der::{Reader, Tag, Writer};

fuzz_target!(|data: &[u8]| {
    let mut reader = Reader::new(data);
    let mut writer = Writer::new();
    copy(&mut reader, &mut writer);
    let read = data.len() - reader.rest().len();
    assert_eq!(writer.as_bytes(), &data[..read]);
});

/// Writes all values that can be read.
fn copy(reader: &mut Reader<'_>, writer: &mut Writer) {
    loop {
        let before = *reader;
        typed(reader);
        let Ok(value) = reader.any() else { return };
        // A value of several is written one by one if all of it can be read, else as it is.
        let mut ahead = before;
        match ahead.nested(value.tag) {
            Ok(mut inner) if value.tag.0 & 0x20 != 0 => writer.nest(value.tag, |writer| {
                copy(&mut inner, writer);
                writer.raw(inner.rest());
            }),
            _ => writer.primitive(value.tag, value.content),
        }
    }
}

/// Reads the next value as every type; those that have one form only are compared.
fn typed(reader: &Reader<'_>) {
    let whole = { *reader }.any().map(|value| value.whole);
    let same = |write: &dyn Fn(&mut Writer)| {
        let mut writer = Writer::new();
        write(&mut writer);
        assert_eq!(Ok(writer.as_bytes()), whole);
    };
    let mut copy = *reader;
    if let Ok(value) = copy.boolean() {
        same(&|writer| writer.boolean(value));
    }
    if let Ok(value) = { *reader }.unsigned() {
        same(&|writer| writer.unsigned(value));
    }
    if let Ok(value) = { *reader }.uint() {
        same(&|writer| writer.uint(value));
    }
    if let Ok(value) = { *reader }.oid() {
        same(&|writer| writer.oid(value));
        assert!(value.to_string().contains('.'));
    }
    if let Ok(value) = { *reader }.bit_string().and_then(|bits| bits.octets()) {
        same(&|writer| writer.bit_string(value));
    }
    // RFC 5280 §4.1.2.5: a GeneralizedTime is not to be used where a UTCTime can be.
    let long = reader.peek() == Some(Tag::GENERALIZED_TIME);
    if let Ok(value) = { *reader }.time() {
        if !long || !(1950..2050).contains(&value.year()) {
            same(&|writer| writer.time(value));
        }
        assert_eq!(lws_gencrypto::der::DateTime::from_civil(value.civil()), Some(value));
    }
    let _ = ({ *reader }.null(), { *reader }.integer(), { *reader }.octet_string());
}
