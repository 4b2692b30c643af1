import base64, json, os, socket, struct, sys  # python3 holders.py /run/softset: who holds what, without any library
daemon = socket.socket(socket.AF_UNIX)
daemon.connect(sys.argv[1] + "/netrackd.sock")
daemon.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + base64.b64encode(os.urandom(16)) + b"\r\n\r\n")
answer = daemon.makefile("rb"); [line for line in iter(answer.readline, b"\r\n")]
call = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "status", "params": {}}).encode()
daemon.sendall(struct.pack(">BB4x", 0x81, 0x80 | len(call)) + call)  # one text frame, with a mask that changes nothing
size = answer.read(2)[1]; size = size if size < 126 else int.from_bytes(answer.read(2 if size == 126 else 8), "big")
state = json.loads(answer.read(size))["result"]; names = {board["board"]: board["name"] for board in state["boards"]}
for service in state["services"]: print(service["service"], service["phase"], names.get(service.get("holder", {}).get("board"), "-"))
