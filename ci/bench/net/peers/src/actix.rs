//! 13 bytes at `/` and a WebSocket echo at `/echo`, on actix-web and actix-ws: one worker beside the thread that accepts.

use actix_web::http::{KeepAlive, header};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, rt, web};
use actix_ws::Message;
use std::time::Duration;

async fn hello() -> HttpResponse {
    HttpResponse::Ok().insert_header((header::CONTENT_TYPE, "text/plain")).body("Hello, World!")
}

async fn echo(request: HttpRequest, body: web::Payload) -> actix_web::Result<HttpResponse> {
    let (response, mut session, messages) = actix_ws::handle(&request, body)?;
    let mut messages = messages.max_frame_size(4 << 20);
    rt::spawn(async move {
        while let Some(Ok(message)) = messages.recv().await {
            let sent = match message {
                Message::Text(text) => session.text(text).await,
                Message::Binary(data) => session.binary(data).await,
                Message::Ping(data) => session.pong(&data).await,
                Message::Close(_) => return,
                _ => Ok(()),
            };
            if sent.is_err() {
                return;
            }
        }
    });
    Ok(response)
}

fn main() -> std::io::Result<()> {
    rt::System::new().block_on(async {
        let app = || App::new().route("/", web::get().to(hello)).route("/echo", web::get().to(echo));
        let server = HttpServer::new(app)
            .workers(1)
            .tcp_nodelay(true)
            .keep_alive(KeepAlive::Os)
            .client_request_timeout(Duration::ZERO)
            .disable_signals()
            .bind("127.0.0.1:0")?;
        println!("{}", server.addrs()[0]);
        server.run().await
    })
}
