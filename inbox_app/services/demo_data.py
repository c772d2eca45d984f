"""The demo environment's content: a week at a small company, as its two users see it."""

from __future__ import annotations

from dataclasses import dataclass

TITLE = "Acme"


@dataclass(frozen=True)
class DemoUser:
    id: str
    name: str
    email: str
    timezone: str


@dataclass(frozen=True)
class DemoItem:
    """One notification of the week.

    Attributes:
        hours: How many hours before the first start it came in.
        type: Its notification type.
        done: What the person did with it: letters of "o" opened, "c" clicked, "a" archived,
            "1" and "2" buttons. Empty: seen only; "new": not even seen.
        actions: Labels of its buttons.
        replies: Pairs of author ("" is the person) and text.
    """

    hours: float
    type: str
    title: str
    body: str = ""
    html: str = ""
    url: str = ""
    done: str = ""
    actions: tuple[str, ...] = ()
    replies: tuple[tuple[str, str], ...] = ()


USERS = (
    DemoUser("ada", "Ada Diaz", "ada@acme.example", "Europe/Berlin"),
    DemoUser("ben", "Ben Okafor", "ben@acme.example", "America/New_York"),
)

ADA = (
    DemoItem(
        0.2,
        "mention",
        "Mara Klein mentioned you in Q4 launch checklist",
        "“Can you confirm the rollback plan before noon? If the new queue misbehaves we want to "
        "be back on the old one within five minutes, and I would like your name on that step.”\n\n"
        "The checklist is at https://acme.example/launch/q4 and locks at 12:00.",
        url="https://acme.example/launch/q4",
        done="new",
        actions=("Confirm plan", "Not me"),
        replies=(("Mara Klein", "No rush if you are in the review, after it is fine."),),
    ),
    DemoItem(
        0.7,
        "invoice_due",
        "Invoice #2041 is due tomorrow",
        "Northwind GmbH · €1,280.00",
        url="https://acme.example/invoices/2041",
        done="new",
        actions=("Pay now", "Remind me Friday"),
    ),
    DemoItem(
        1.5,
        "comment",
        "Ana, Ben and 4 others commented on Pricing page",
        "6 new comments since you last looked. Ana: “The yearly toggle should be on by default.”",
        url="https://acme.example/pages/pricing",
        done="new",
    ),
    DemoItem(
        2.4,
        "deploy_finished",
        "Deploy api@4f2c1 finished",
        "Production · 2 min 14 s · 0 errors in the first 10 minutes",
        done="o",
    ),
    DemoItem(
        3.1,
        "review_requested",
        "Priya Raman asked you to review “Retry webhooks with backoff”",
        "12 files changed, +418 −96. The retry limits in config.py are the part she is unsure of.",
        url="https://acme.example/reviews/318",
        actions=("Take it", "Pass on"),
    ),
    DemoItem(
        6.0,
        "report_ready",
        "Yesterday’s numbers: 3,204 orders, up 8 %",
        html="<p>The day in short:</p><ul><li><b>3,204</b> orders, up 8 %</li><li><b>1.9 %</b> "
        "returns, down 0.2</li><li>Busiest hour: 19:00 to 20:00</li></ul><p>The full report is in "
        "<a href='https://acme.example/reports/daily'>Reports</a>.</p>",
        url="https://acme.example/reports/daily",
        done="o",
    ),
    DemoItem(
        17.0,
        "sign_in_alert",
        "Sign-in from a new device",
        "Firefox on Linux, Berlin. Was this you?",
        actions=("It was me", "Secure my account"),
        done="1",
    ),
    DemoItem(
        19.0,
        "reply",
        "Jonas Weber replied to your notification",
        "“Shipped it, thanks.”",
        done="o",
        replies=(("Jonas Weber", "Shipped it, thanks."), ("", "Perfect. Closing the ticket.")),
    ),
    DemoItem(
        22.0,
        "order_shipped",
        "Your team’s order of 6 standing desks has shipped",
        "Arrives Thursday between 9:00 and 12:00. Someone has to sign for it.",
        url="https://acme.example/orders/desks",
    ),
    DemoItem(
        26.0,
        "weekly_summary",
        "Your weekly summary is ready",
        "12 tasks closed, 3 waiting for you, 1 blocked by somebody else.",
        url="https://acme.example/summary",
        done="oc",
    ),
    DemoItem(
        30.0,
        "share",
        "Lena Park shared Brand assets v3 with you",
        "“Final logos, with the dark variants you asked for.”",
        url="https://acme.example/files/brand-v3",
        done="o",
    ),
    DemoItem(
        44.0,
        "incident",
        "Incident resolved: checkout was slow for 18 minutes",
        "From 14:02 to 14:20 one in nine payments took longer than 10 seconds. Cause: a missing "
        "index after Monday’s migration. Nothing was lost.",
        url="https://acme.example/incidents/77",
        done="o",
    ),
    DemoItem(
        45.0,
        "incident",
        "Incident: checkout is slow",
        "On call: Priya. Updates follow every 10 minutes.",
        done="oa",
    ),
    DemoItem(
        50.0,
        "approval",
        "Ben Okafor asks for approval: “Load test, 2 days”",
        "€240 for machines, from your team’s budget.",
        actions=("Approve", "Decline"),
        done="1",
        replies=(("", "Approved, please keep it outside office hours."),),
    ),
    DemoItem(
        54.0,
        "mention",
        "Tomás Ruiz mentioned you in Onboarding notes",
        "“Ada knows why the staging key rotates weekly, ask her.”",
        url="https://acme.example/notes/onboarding",
        done="o",
    ),
    DemoItem(
        70.0,
        "calendar",
        "Architecture review moved to Thursday, 15:00",
        "Room Hopper, or join by video.",
        done="o",
    ),
    DemoItem(
        74.0,
        "deploy_failed",
        "Deploy web@91be0 failed and was rolled back",
        "A test of the cart failed: expected 2 items, got 3.",
        url="https://acme.example/deploys/91be0",
        done="oc",
    ),
    DemoItem(
        93.0,
        "invoice_paid",
        "Blue Harbor Ltd paid invoice #2036",
        "£4,310.00, two days early.",
        done="oa",
    ),
    DemoItem(
        98.0,
        "security",
        "Your API key “ci-2” has not been used for 90 days",
        "Keys that nobody uses are a risk that nobody notices.",
        actions=("Revoke it", "Keep it"),
        done="2",
    ),
    DemoItem(
        118.0,
        "comment",
        "Mei Lin commented on 通知設計 v2",
        "「この順番で良いと思います。」 I left two notes on the empty state.",
        url="https://acme.example/docs/notifications",
        done="o",
    ),
    DemoItem(
        122.0,
        "milestone",
        "Acme turned four today 🎉",
        "Cake in the kitchen at 16:00. Thank you for being part of it.",
        done="oa",
    ),
    DemoItem(
        142.0,
        "weekly_summary",
        "Your weekly summary is ready",
        "9 tasks closed, 5 waiting for you.",
        url="https://acme.example/summary",
        done="oca",
    ),
)

BEN = (
    DemoItem(
        0.4,
        "approval_answer",
        "Ada Diaz approved “Load test, 2 days”",
        "“Approved, please keep it outside office hours.”",
        done="new",
    ),
    DemoItem(
        1.1,
        "assigned",
        "You were assigned “Flaky cart test on Safari”",
        "Priority high · due Friday · reported by Mei Lin",
        url="https://acme.example/issues/902",
        done="new",
        actions=("Start", "Ask for time"),
    ),
    DemoItem(
        5.0,
        "deploy_finished",
        "Deploy api@4f2c1 finished",
        "Production · 2 min 14 s",
        done="o",
    ),
    DemoItem(
        20.0,
        "mention",
        "Mara Klein mentioned you in Load test plan",
        "“Ben, can you add the numbers from last year?”",
        url="https://acme.example/docs/load-test",
        replies=(("", "Added, with a chart."),),
        done="o",
    ),
    DemoItem(
        28.0,
        "expense",
        "Your expense report for October was paid out",
        "$318.40 will arrive within two working days.",
        done="o",
    ),
    DemoItem(
        52.0,
        "sign_in_alert",
        "Sign-in from a new device",
        "Chrome on macOS, New York. Was this you?",
        actions=("It was me", "Secure my account"),
        done="1",
    ),
    DemoItem(
        76.0,
        "comment",
        "Lena Park commented on Load test plan",
        "“Two hours should be enough, the rest is warm-up.”",
        url="https://acme.example/docs/load-test",
        done="oa",
    ),
    DemoItem(
        125.0,
        "milestone",
        "Acme turned four today 🎉",
        "Cake in the kitchen at 16:00. Remote? Yours is in the post.",
        done="oa",
    ),
)

WEEK = {"ada": ADA, "ben": BEN}
