//! nginx as a rival: with a script that does the work of dotstory, and as a bare proxy.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::servers::Kind;
use crate::Result;
use crate::load::TOKEN;

const BRIDGE: &str = include_str!("../../lua/bridge.lua");

/// The nginx of this machine.
#[derive(Debug)]
pub(crate) struct Nginx {
    program: &'static str,
    /// The lines that load the modules for scripts, or `None` if this machine does not have them.
    pub(crate) lua: Option<String>,
}

// === impl Nginx ===

impl Nginx {
    pub(crate) fn find() -> Option<Self> {
        // Debian's program is in /usr/sbin, which is not in the PATH of an ordinary user.
        ["nginx", "/usr/sbin/nginx"].into_iter().find_map(|program| {
            let output = Command::new(program).arg("-V").output().ok()?;
            let settings = String::from_utf8_lossy(&output.stderr).into_owned();
            let modules = settings.split_whitespace().find_map(|setting| {
                setting.trim_matches('\'').strip_prefix("--modules-path=").map(PathBuf::from)
            });
            Some(Self { program, lua: modules.and_then(|modules| load_lua(&modules)) })
        })
    }

    pub(crate) fn command(
        &self,
        kind: Kind,
        workers: usize,
        directory: &Path,
        addr: SocketAddr,
        upstream: SocketAddr,
    ) -> Result<Command> {
        fs::write(directory.join("bridge.lua"), BRIDGE)?;
        let (modules, script, locations) = match kind {
            Kind::Lua => (
                self.lua.as_deref().unwrap_or_default(),
                script(directory, upstream),
                LUA_LOCATIONS.to_owned(),
            ),
            Kind::Dotstory | Kind::Bare => ("", String::new(), BARE_LOCATIONS.to_owned()),
        };
        let folder = directory.display();
        let config = format!(
            r#"daemon off;
user root;
worker_processes {workers};
pid {folder}/nginx.pid;
error_log {folder}/error.txt error;
{modules}events {{ worker_connections 1024; }}
http {{
  default_type application/json;
  access_log {folder}/access.txt;
  client_body_temp_path {folder}/client;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  keepalive_requests 100000000;
  # A page fits into these buffers, so nginx writes no page to a file.
  proxy_buffers 32 16k;
  proxy_http_version 1.1;
  proxy_set_header Connection "";
{script}  upstream tenant {{
    server {upstream};
    keepalive 32;
    keepalive_requests 100000000;
  }}
  server {{
    listen {addr};
{locations}  }}
}}
"#
        );
        let path = directory.join("nginx.conf");
        fs::write(&path, config)?;
        let mut command = Command::new(self.program);
        command.args(["-e", &format!("{folder}/error.txt"), "-p", &format!("{folder}")]);
        command.arg("-c").arg(path);
        Ok(command)
    }
}

const BARE_LOCATIONS: &str = "    location / { proxy_pass http://tenant; }\n";

const LUA_LOCATIONS: &str = r"    location /upstream/ { internal; proxy_pass http://tenant/; }
    location ~ ^/api/v1/customer/(\d+)$ { content_by_lua_block { bridge.customer(ngx.var[1]) } }
    location = /api/v1/customers { content_by_lua_block { bridge.customers() } }
";

fn script(directory: &Path, upstream: SocketAddr) -> String {
    let (folder, host, port) = (directory.display(), upstream.ip(), upstream.port());
    format!(
        r#"  lua_package_path "{folder}/?.lua;;";
  lua_socket_buffer_size 128k;
  init_by_lua_block {{
    bridge = require "bridge"
    bridge.setup {{
      authorization = "Bearer {TOKEN}",
      host = "{host}",
      port = {port},
      headers = "Host: {upstream}\r\nAccept: application/json\r\nX-DotApparel-Name: acme\r\nshop: acme.myshopify.com\r\n",
    }}
  }}
"#
    )
}

/// The lines that load the modules for scripts, if they are in the folder `modules`.
fn load_lua(modules: &Path) -> Option<String> {
    let paths = ["ndk_http_module.so", "ngx_http_lua_module.so"].map(|name| modules.join(name));
    let lines = paths.iter().map(|path| format!("load_module {};\n", path.display()));
    paths.iter().all(|path| path.exists()).then(|| lines.collect())
}
