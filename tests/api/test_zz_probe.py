"""scratch"""
import json
from uuid import UUID
from tests.telling import full
from tests.web import Web
from botfolk.ids import new_id

async def test_probe(web: Web) -> None:
    c = web.client
    await web.tale.says(0, "hahaha", profile=full("Éva", "Rahman"))
    uid = await web.tale.user_id()
    a = f"/api/v1/users/{uid}"
    t = await web.token()
    out = []
    async def go(m, p, **k):
        try:
            r = await c.request(m, p, follow_redirects=False, **k)
            out.append(f"{m} {p[:60]} {str(k.get('json', k.get('content', '')))[:60]!r} -> {r.status_code} {r.headers.get('content-type')} {r.text[:230]!r}")
            return r
        except BaseException as e:
            out.append(f"{m} {p} EXC {e!r}"[:400])
    J = t | {"content-type": "application/json"}
    await go("PATCH", a, json={"attributes": {"big": 10**200}}, headers=t)
    await go("GET", a, headers=t)
    await go("PATCH", a, content=b'{"attributes": {"big": 1' + b"0"*5000 + b"}}", headers=J)
    await go("PATCH", a, content=b'{"attributes": {"big": 1e400}}', headers=J)
    await go("PATCH", a, content=b'{"attributes": {"q": "\\ud800"}}', headers=J)
    await go("PATCH", a, content=b'{"first_name": "\\ud800"}', headers=J)
    await go("PATCH", a, content=b'{"first_name": "a\\u0000b", "tags":["x\\u0000"], "attributes":{"n\\u0000":"1","z":"\\u0000", "l":["\\u0000a"]}}', headers=J)
    await go("PATCH", a, content=b'['*200000, headers=J)
    await go("PATCH", a, content=b'{"attributes":' + b'['*100000, headers=J)
    await go("PATCH", a, content=b'\xff\xfe', headers=J)
    await go("PATCH", a, content=b'null', headers=J)
    await go("PATCH", a, content=b'[]', headers=J)
    await go("PATCH", a, content=b'', headers=J)
    await go("PATCH", a, content=b'{"first_name":"x"}', headers=t | {"content-type": "text/plain"})
    await go("PATCH", a, content=b'first_name=x', headers=t | {"content-type": "application/x-www-form-urlencoded"})
    await go("PATCH", a, content=b'{"first_name":"' + b'x'*2_000_000 + b'"}', headers=J)
    await go("PATCH", a, content=b'{"first_name":"' + b'x'*12_000_000 + b'"}', headers=J)
    await go("PATCH", a, json={"first_name": "x"*100_000}, headers=t)
    await go("PATCH", a, json={"pause_bot": {"paused": True, "minutes": 1e308}}, headers=t)
    await go("PATCH", a, json={"pause_bot": {"paused": True, "minutes": 10, "x": 1}}, headers=t)
    await go("PATCH", a, json={"pause_bot": {"paused": "yes"}}, headers=t)
    await go("PATCH", a, json={"pause_bot": None}, headers=t)
    await go("PATCH", a, json={"status": "gone"}, headers=t)
    await go("PATCH", a, json={"tags": "vip"}, headers=t)
    await go("PATCH", a, json={"attributes": {"a": {"b": 1}}}, headers=t)
    await go("PATCH", a, json={"attributes": {"a": [1, 2]}}, headers=t)
    await go("PATCH", a, json={"id": "x"}, headers=t)
    await go("PATCH", a, json={}, headers=t | {"If-Match": "abc"})
    await go("PATCH", a, json={"pause_bot": {"paused": True}}, headers=t | {"If-Match": "99"})
    await go("PATCH", f"/api/v1/users/{new_id()}", json={"first_name": "y"}, headers=t)
    await go("DELETE", a, headers=t)
    await go("PUT", "/api/v1/users", headers=t)
    await go("OPTIONS", "/api/v1/users", headers=t)
    await go("HEAD", "/api/v1/users", headers=t)
    await go("TRACE", "/api/v1/users", headers=t)
    await go("GET", "/api/v1/users/", headers=t)
    await go("GET", "/api/nothing")
    await go("GET", "/api/v1/users?q=%00%ff&limit=5", headers=t)
    await go("GET", "/api/v1/users?q=" + "é", headers=t)
    r = await go("GET", "/api/v1/users?q=" + "ÉVA", headers=t)
    r = await go("GET", "/api/v1/users?q=" + "éva", headers=t)
    await go("GET", "/api/v1/users?limit=abc", headers=t)
    await go("GET", "/api/v1/users?limit=99999999999999999999", headers=t)
    await go("GET", "/api/v1/users?unknown=1", headers=t)
    import base64
    for v in (["last_message_at", True, "x", str(uid)], ["last_message_at", True, 5, str(uid)], ["last_message_at", True, "0001-01-01T00:00:00+14:00", str(uid)], ["last_message_at", True, "2026-01-01T00:00:00", str(uid)], ["last_message_at", True, {"a": 1}, str(uid)], ["messages", True, 10**30, str(uid)], ["messages", True, "7", str(uid)], ["average_sentiment", True, "nan", str(uid)], ["name", True, "\0", str(uid)], ["name", True, ["x"], str(uid)], 5, None):
        cur = base64.urlsafe_b64encode(json.dumps(v).encode()).decode().rstrip("=")
        s = v[0] if isinstance(v, list) else "last_message_at"
        await go("GET", f"/api/v1/users?sort=-{s}&cursor={cur}", headers=t)
    for path in ("messages", "sessions", "changes"):
        for v in ([1], ["x"], ["2026-01-01T00:00:00Z", 1, str(uid)], ["2026-01-01T00:00:00Z", 10**30, str(uid)], ["0001-01-01T00:00:00Z", 1, str(uid)], ["2026-01-01T00:00:00Z", str(uid)], [str(uid)], ["2026-01-01T00:00:00", str(uid)]):
            cur = base64.urlsafe_b64encode(json.dumps(v).encode()).decode().rstrip("=")
            await go("GET", f"{a}/{path}?cursor={cur}", headers=t)
        await go("GET", f"{a}/{path}?cursor=%F0%9F%98%80", headers=t)
    for b in ({"text": "x"*2_00_000}, {"text": "a\0"}, {"text": "hi", "buttons": [{"title": ""}]}, {"text": "hi", "buttons": [{"title": "x", "url": "javascript:alert(1)"}]}, {"text": "hi", "buttons": [{"title": "x"*5000, "data": "y"*5000}]}, {"text": "hi", "buttons": [{"title": "x", "data": "1", "url": "https://a.b"}]}, {"text": "hi", "buttons": [{"title": "x\0"}]}, {"text": "hi", "buttons": [{"title": str(i)} for i in range(300)]}, {"text": "hi", "channel": str(new_id())}, {"text": "hi", "channel": "x"}, {"text": 5}, {}, {"text": "hi", "x": 1}):
        await go("POST", a + "/messages", json=b, headers=t)
    await go("POST", a + "/notes", json={"text": ""}, headers=t)
    await go("POST", a + "/notes", json={"text": "n"}, headers=t)
    await go("DELETE", a + f"/notes/{new_id()}", headers=t)
    await go("GET", a + "/messages?limit=3", headers=t)
    await go("GET", a + "/changes?limit=3", headers=t)
    await go("GET", "/users", headers=t)
    await go("POST", "/account", data={"name": "x", "email": "a@b.c", "timezone": "UTC"}, headers=t)
    await go("GET", f"/live?users=list", headers={})
    me = await web.member()
    await go("POST", "/account", data={"name": "x"*200_000, "email": "a@b.c", "timezone": "UTC"}, headers=me)
    await go("POST", "/account", json={"name": "x"}, headers=me)
    await go("POST", "/account", content=b"\xff=%ff&name=%00", headers=me | {"content-type": "application/x-www-form-urlencoded"})
    await go("POST", "/sign-in", data={"email": "\0", "password": "x"*200000})
    await go("POST", "/sign-in", content=b"email=%ff&password=%ed%a0%80", headers={"content-type": "application/x-www-form-urlencoded"})
    await go("GET", "/sign-in/%00")
    await go("POST", "/sign-in/%00")
    await go("GET", "/sign-in?next=" + "x"*2000)
    await go("GET", "/sign-in?next=/%09/evil")
    await go("GET", "/account", headers={"Cookie": "botfolk_sign_in=" + "é"})
    await go("GET", "/users", headers={"Authorization": "Bearer \xff".encode("latin-1")})
    await go("GET", "/media/" + str(new_id()), headers=t)
    r = await c.get(a, headers=t); out.append(str(r.headers))
    r = await c.get("/api/v1/openapi.json"); out.append(str(r.headers)); open("/tmp/probe1/openapi.json","w").write(r.text)
    r = await c.get("/users", follow_redirects=False); out.append(str(r.headers))
    r = await c.put("/users", follow_redirects=False); out.append(str(r.status_code) + str(r.headers))
    r = await c.put("/api/v1/users", headers=t, follow_redirects=False); out.append(str(r.status_code) + str(r.headers))
    r = await c.get(a, follow_redirects=False); out.append(str(r.headers))
    open("/tmp/probe1/out.txt", "w").write("\n".join(out))
