//! 13 bytes for every path, on ntex's HTTP service; with `--mode ws` an echo at `/echo`, on its web framework. One worker
//! beside the thread that accepts.

use ntex::http::header::{CONTENT_TYPE, HeaderValue};
use ntex::http::{HttpService, Response};
use ntex::util::Ready;
use ntex::{service::fn_factory_with_config, service::fn_service, web};
use std::io;
use std::net::TcpListener;
use web::ws::{Frame, Message, WsSink};

async fn message(frame: Frame) -> Result<Option<Message>, io::Error> {
    Ok(match frame {
        Frame::Text(text) => Some(Message::Text(text.try_into().map_err(|()| io::ErrorKind::InvalidData)?)),
        Frame::Binary(data) => Some(Message::Binary(data)),
        Frame::Ping(data) => Some(Message::Pong(data)),
        Frame::Close(why) => Some(Message::Close(why)),
        _ => None,
    })
}

async fn echo(request: web::HttpRequest) -> Result<web::HttpResponse, web::Error> {
    let each = fn_factory_with_config(async |_: WsSink| Ok::<_, web::Error>(fn_service(message)));
    web::ws::start(request, None::<&str>, each).await
}

fn main() -> io::Result<()> {
    let ws = std::env::args().any(|arg| arg == "ws");
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("{}", listener.local_addr()?);
    ntex::rt::System::new("bench", ntex::rt::DefaultRuntime).block_on(async move {
        if ws {
            let app = async || web::App::new().route("/echo", web::get().to(echo));
            return web::HttpServer::new(app).workers(1).disable_signals().listen(listener)?.run().await;
        }
        let server = ntex::server::build().workers(1).disable_signals();
        let hello = async |_| {
            HttpService::new(|_request| {
                let mut response = Response::Ok();
                response.header(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
                Ready::Ok::<_, io::Error>(response.body("Hello, World!"))
            })
        };
        server.listen("bench", listener, hello)?.run().await
    })
}
