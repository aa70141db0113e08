import json, re
from datetime import timedelta
from django.urls import reverse
from django.db import transaction
from governance.posture.paths.findings.finding_runs import find_in_graph
from governance.posture.trust.models import TrustEdge, TrustFinding
from governance.posture.trust.refreshing import find_trust, refresh_trust
from inventory.models import Principal, Account, OrganizationalUnit
from tests.factories.demo_organization import demo_organization
from tests.factories.policies import content
from tests.factories.people import person
from tests.factories.runs import InventoryRunFactory
from tests.factories.times import FIRST_RUN_AT, SECOND_RUN_AT
from tests.factories.versions import changed, ended
from tests.journeys.looking import settled, HEIGHTS

def shot(page, name, url):
    page.set_viewport_size({"width": 1440, "height": 900})
    try:
        page.goto(url, timeout=90000); settled(page)
    except Exception as e: print("!!", name, str(e)[:200])
    for theme, width in (("light",1440),("dark",390)):
        page.emulate_media(color_scheme=theme); page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        page.wait_for_timeout(400)
        page.screenshot(path=f"/tmp/shots/{name}-{theme}-{width}.png", full_page=width==1440)
        over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if over > 0: print("OVERFLOW", name, width, over)
    page.emulate_media(color_scheme="light")

def test_screens(browser_page, transactional_db):
    admin = person("administrator", username="alma")
    made = demo_organization(with_people=True); c = made.connection
    done = refresh_trust(c, now=SECOND_RUN_AT - timedelta(hours=1)); find_trust(c, now=SECOND_RUN_AT - timedelta(hours=1), moment=done.moment)
    print(done.edges)
    # second run: one role opened to a stranger, one role gone, one changed
    edges = TrustEdge.objects.filter(crossing__in=["vendor","external"], service="iam").order_by("account_id")
    first = edges[0]; role = Principal.objects.get(arn=first.resource_arn, seen_until__isnull=True)
    InventoryRunFactory.create(connection=c, started_at=SECOND_RUN_AT)
    t = json.loads(role.trust_policy.text); 
    st = t["Statement"][0] if isinstance(t["Statement"], list) else t["Statement"]
    st["Condition"] = {"StringEquals": {"sts:ExternalId": "7d3c0f1e-5b62-4c1f-9a58"}}
    st2 = {"Effect":"Allow","Principal":{"AWS":"999999999999"},"Action":"sts:AssumeRole"}
    t["Statement"] = [st, st2]
    changed(role, at=SECOND_RUN_AT, trust_policy=content(json.dumps(t)))
    gone = Principal.objects.get(arn=edges[2].resource_arn, seen_until__isnull=True); ended(gone, at=SECOND_RUN_AT)
    done = refresh_trust(c, now=SECOND_RUN_AT + timedelta(minutes=5)); find_trust(c, now=SECOND_RUN_AT + timedelta(minutes=5), moment=done.moment); find_in_graph(c, now=SECOND_RUN_AT + timedelta(minutes=6))
    print(done.edges, done.account_ids)
    page = browser_page(admin); page.set_default_timeout(90000)
    k = {"slug": c.slug}
    hist = TrustEdge.objects.filter(key=first.key).count(); print("versions of edge", hist)
    past = (SECOND_RUN_AT - timedelta(minutes=30)).strftime("%Y-%m-%dT%H:%M:%SZ")
    shot(page, "within", reverse("trust-within-accounts", kwargs=k))
    shot(page, "template", reverse("change-from-template", kwargs={**k, "template_id": "deny-roles-outside"}))
    shot(page, "edge", reverse("trust-edge", kwargs={**k, "edge_key": first.key}))
    shot(page, "parties", reverse("external-parties", kwargs=k) + "?as_of=" + past)
    vendor = TrustEdge.objects.exclude(vendor="").first().vendor
    print("vendor", vendor)
    page.goto(reverse("external-parties", kwargs=k) + "?as_of=" + past); 
    links = [a for a in page.eval_on_selector_all("main a", "as => as.map(a => a.getAttribute('href') + ' | ' + a.textContent.trim())") if vendor.split()[0] in a]
    print(links[:6])
    if links: shot(page, "vendor", links[0].split(" | ")[0] if links[0].startswith("/") else reverse("external-parties", kwargs=k)+links[0].split(" | ")[0])
    shot(page, "vendorpast", reverse("trust", kwargs=k) + f"?as_of={past}&vendor=Datadog")
    # role, resource pages and a path
    role2 = Principal.objects.filter(connection=c, kind="role", seen_until__isnull=True, arn__contains="TerraformRunner").first()
    for nm in ("principal",):
        try: shot(page, "role", reverse(nm, kwargs={**k, "arn": role2.arn})); break
        except Exception as e: print(nm, str(e)[:200])
    page.goto(reverse("trust-paths", kwargs=k) + "?from=outside", timeout=90000); settled(page); page.wait_for_timeout(2000)
    row = page.locator("main tr", has_text="Can escalate").first
    row.get_by_role("link", name="Show path").click(); page.wait_for_timeout(3000)
    url = page.url; print(url)
    page.screenshot(path="/tmp/shots/path-now.png", full_page=True)
    shot(page, "path", url)
    print(page.locator("main").inner_text()[:1500])
