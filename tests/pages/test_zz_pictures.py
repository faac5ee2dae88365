from pathlib import Path
import re
from threshold.journey import subjects as journey
from threshold.journey import tools as jt
from threshold.journey.tools import Asked
from threshold.journey.subjects import Answer
STATIC = Path("src/threshold/pages/static")
def test_pictures(site, signed_in):
    n = site.subjects["free"]
    a = site.actor("analyst")
    journey.state(a, n, Answer("adult_established", "yes", "fact", "Passport seen"))
    journey.state(a, n, Answer("lives_with_children", "no", "fact", "Children's services"))
    jt.bring(a, n, "kirat", "medium", "DC Made Up", "File 12/2026", None)
    jt.work_out(a, n, "osp_iic", Asked("male", "yes", {"image_sanctions": "1", "contact_child": "0", "contact_adult": "0", "non_contact": "0"}, "Prison records"))
    c = signed_in("analyst")
    css = "".join(p.read_text(errors="replace") for p in sorted(STATIC.rglob("*.css")))
    for name, path in {"overview": f"/subjects/{n}", "tools": f"/subjects/{n}/tools?tool=kirat", "score": f"/subjects/{n}/tools?tool=osp_dc", "replay": f"/subjects/{n}/replay", "history": f"/subjects/{n}/history"}.items():
        html = c.get(path).content.decode()
        html = re.sub(r'<link[^>]*stylesheet[^>]*>', '', html).replace("</head>", f"<style>{css}</style></head>")
        Path(f"/tmp/e-{name}.html").write_text(html.replace("<details", "<details open"))
