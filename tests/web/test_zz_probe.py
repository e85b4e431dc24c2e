"""probe"""
import json
import pytest
from flask import Flask
from app.web.endpoint import ENDPOINTS
from tests import factories
from tests.factories import PASSWORD
import re, io

NASTY = ["%00", "a%00b", "%ff%fe", "%ED%A0%80", "9"*19, "9"*40, "-1", "1.5", "0", "%F0%9F%92%A9", "..%2f..%2f", "%22", "%0d%0aX:1", "\u0661"]

@pytest.mark.parametrize("kind", ["anon", "sub", "mod"])
def test_paths(app, database, bearer, browser, kind):
    with database.transaction() as s:
        site = factories.site(s, "paper"); story = factories.story(s, site, "a-story")
        c = factories.comment(s, story, factories.subscriber(s))
        who = None if kind == "anon" else factories.subscriber(s) if kind == "sub" else factories.staff(s, "administrator")
    bad = []
    br = browser(who)
    csrf = br.csrf()
    for e in ENDPOINTS:
        parts = re.findall(r"<(?:\w+:)?(\w+)>", e.path)
        paths = [re.sub(r"<(?:\w+:)?(\w+)>", n, e.path) for n in NASTY] if parts else [e.path]
        paths.append(re.sub(r"<(?:\w+:)?(\w+)>", lambda m: {"story": "a-story" if e.api else str(story.id), "site": "paper", "account": str(who.id if who else c.account_id)}.get(m[1], str(c.id)), e.path))
        for p in paths:
            for q in ["", "?cursor=%22&sort=newest", "?cursor=%0a&keys=a%22", "?cursor=%E2%82%AC", "?cursor=%00&site=%00&keys=%00&token=%00&session=%00", "?site=%ff&token=%ff&keys=%ff", "?decided=99999999999999999999&before=99999999999999999999&kind=x&cursor=1e5~99999999999999999999", "?cursor=nan~1&account=x", "?cursor=9223372036854775807.9223372036854775807&sort=respected", "?cursor=9223372036854775807"]:
                for h in [{}, {"If-None-Match": "*"}, {"Accept": "text/html"}] :
                    if "stripe" in e.path or "/subscription" in e.path or e.path in ("/sign-out","/account/sessions","/api/v1/tokens"): continue
                    if e.method == "GET":
                        r = br.client.get(p + q, headers=h)
                    else:
                        if q and h: continue
                        h = dict(h); h["X-CSRFToken"] = csrf
                        if e.api:
                            r = br.client.open(p+q, method=e.method, headers=h, json={"text":"x\u0000"} if e.takes else None)
                        else:
                            r = br.client.open(p+q, method=e.method, headers=h, data={"back":"/queue\r\nX: 1","next":"/\r\nX:1","text":"a\0"})
                    if r.status_code >= 500:
                        bad.append((e.method, p+q, h, r.status_code))
                    if r.status_code == 429:
                        app.extensions["below-the-line-limits"].storage.reset()
    for b in bad[:80]: print(b)
    print(len(bad))
    assert not bad
