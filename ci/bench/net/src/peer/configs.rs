//! The configurations of other people's servers: one thread, no log, connections that stay.

use super::Site;
use std::fs;
use std::process::Command;

fn written(site: &Site<'_>, name: &str, text: &str) -> std::io::Result<std::path::PathBuf> {
    let path = site.scratch.join(name);
    fs::write(&path, text)?;
    Ok(path)
}

pub(super) fn nginx(site: &Site<'_>, port: u16) -> std::io::Result<Command> {
    let (root, scratch) = (site.root.display(), site.scratch.display());
    let (ssl, pair) = match site.tls {
        true => {
            (" ssl http2", format!("ssl_certificate {root}/cert.pem; ssl_certificate_key {root}/key.pem;"))
        }
        false if site.root.join("http2").exists() => (" http2", String::new()),
        false => ("", String::new()),
    };
    let text = format!(
        "daemon off; master_process off; worker_processes 1; worker_rlimit_nofile 20000; pid {scratch}/nginx.pid; error_log /dev/null;\n\
         events {{ worker_connections 19000; }}\n\
         http {{ access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000; keepalive_timeout 600;\n\
         open_file_cache max=1000; client_body_temp_path {scratch}/b; proxy_temp_path {scratch}/p;\n\
         fastcgi_temp_path {scratch}/f; uwsgi_temp_path {scratch}/u; scgi_temp_path {scratch}/s;\n\
         server {{ listen 127.0.0.1:{port}{ssl}; {pair} root {root};\n\
         location = / {{ default_type text/plain; return 200 'Hello, World!'; }} }} }}\n"
    );
    let mut command = Command::new("nginx");
    command.arg("-p").arg(site.scratch).arg("-c").arg(written(site, "nginx.conf", &text)?);
    Ok(command)
}

pub(super) fn h2o(site: &Site<'_>, port: u16) -> std::io::Result<Command> {
    let root = site.root.display();
    let ssl = match site.tls {
        true => format!("  ssl:\n    certificate-file: {root}/cert.pem\n    key-file: {root}/key.pem\n"),
        false => String::new(),
    };
    let text = format!(
        "num-threads: 1\nmax-connections: 19000\nerror-log: /dev/null\nhttp1-request-timeout: 600\nhttp2-idle-timeout: 600\n\
         listen:\n  host: 127.0.0.1\n  port: {port}\n{ssl}\
         hosts:\n  default:\n    paths:\n      \"/\":\n        file.dir: {root}\n        file.index: ['hello.txt']\n"
    );
    let mut command = Command::new("h2o");
    command.arg("-c").arg(written(site, "h2o.conf", &text)?);
    Ok(command)
}

pub(super) fn lighttpd(site: &Site<'_>, port: u16) -> std::io::Result<Command> {
    let root = site.root.display();
    let text = format!(
        "server.document-root = \"{root}\"\nserver.port = {port}\nserver.bind = \"127.0.0.1\"\n\
         index-file.names = ( \"hello.txt\" )\nserver.max-keep-alive-requests = 100000000\n\
         server.max-keep-alive-idle = 600\nserver.max-connections = 19000\nserver.max-fds = 20000\n\
         mimetype.assign = ( \".txt\" => \"text/plain\" )\n"
    );
    let mut command = Command::new("lighttpd");
    command.arg("-D").arg("-f").arg(written(site, "lighttpd.conf", &text)?);
    Ok(command)
}

pub(super) fn nghttpd(site: &Site<'_>, port: u16) -> std::io::Result<Command> {
    let mut command = Command::new("nghttpd");
    command.args(["-a", "127.0.0.1", "-n1", "-d"]).arg(site.root);
    if !site.tls {
        command.arg("--no-tls");
    }
    command.arg(port.to_string());
    if site.tls {
        command.arg(site.root.join("key.pem")).arg(site.root.join("cert.pem"));
    }
    Ok(command)
}

/// It has no files: the answer is in its configuration.
pub(super) fn haproxy(site: &Site<'_>, port: u16) -> std::io::Result<Command> {
    let root = site.root.display();
    let ssl = match site.tls {
        true => {
            let mut pair = fs::read(site.root.join("cert.pem"))?;
            pair.extend(fs::read(site.root.join("key.pem"))?);
            fs::write(site.scratch.join("pair.pem"), pair)?;
            format!(" ssl crt {} alpn h2,http/1.1", site.scratch.join("pair.pem").display())
        }
        false if site.root.join("http2").exists() => " proto h2".to_owned(),
        false => String::new(),
    };
    let text = format!(
        "global\n nbthread 1\n maxconn 9000\ndefaults\n mode http\n timeout client 600s\n timeout connect 5s\n \
         timeout server 600s\n timeout http-keep-alive 600s\nfrontend bench\n bind 127.0.0.1:{port}{ssl}\n \
         http-request return status 200 content-type text/plain file {root}/hello.txt\n"
    );
    let mut command = Command::new("haproxy");
    command.arg("-db").arg("-f").arg(written(site, "haproxy.conf", &text)?);
    Ok(command)
}
