"""Writes divisions.txt and former.txt from the wheel that make-divisions.sh fetched."""

import json
import re
import sys
import zipfile

wheel, out = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    divisions = json.loads(archive.read("data/divisions_v1.json"))
    events = json.loads(archive.read("data/historical_changes_v1.json"))["events"]

# code -> path of names. The code's own digits say what belongs to what: 33 0000 > 3301 00 > 330106.
paths = {}
for province, of_province in divisions["provinces"].items():
    paths[of_province["code"][:6]] = (province,)
    for city, of_city in of_province.get("cities", {}).items():
        if of_city.get("code"):
            paths[of_city["code"][:6]] = (province, city)
        for county, code in of_city["counties"].items():
            paths[code[:6]] = tuple(name for name in (province, city, county) if name)
for code, path in paths.items():
    assert (code[:2] + "0000") in paths, (code, path)
    if len(path) == 3:
        assert paths[code[:4] + "00"] == path[:2], (code, path)

PEOPLES = sorted(
    "蒙古族 蒙古 回族 藏族 维吾尔 维吾尔族 苗族 彝族 壮族 布依族 朝鲜族 满族 侗族 瑶族 白族 土家族 哈尼族 哈萨克 哈萨克族 傣族 黎族 "
    "傈僳族 佤族 畲族 拉祜族 水族 东乡族 纳西族 景颇族 柯尔克孜 柯尔克孜族 土族 达斡尔族 仫佬族 羌族 布朗族 撒拉族 毛南族 仡佬族 锡伯 "
    "锡伯族 阿昌族 普米族 塔吉克 塔吉克族 怒族 鄂温克族 德昂族 保安族 裕固族 独龙族 鄂伦春 门巴族 珞巴族 基诺族 各族".split(),
    key=len,
    reverse=True,
)


def without_peoples(name):
    """积石山保安族东乡族撒拉族 -> 积石山; a name that is nothing but a people's stays whole."""
    while True:
        for people in PEOPLES:
            if name.endswith(people) and len(name) - len(people) >= 2:
                name = name[: -len(people)]
                break
        else:
            return name


def short_names(name):
    """What people write instead: without the last word, and without the peoples' names of an autonomous division."""
    for suffix, kind in [("特别行政区", ""), ("自治区", ""), ("自治州", "州"), ("自治县", "县"), ("自治旗", "旗")]:
        if name.endswith(suffix):
            stem = without_peoples(name[: -len(suffix)])
            found = [stem + kind, stem] if kind else [stem]
            break
    else:
        stem = re.sub(r"(省|市|地区|盟|新区|林区|特区|区|县|左旗|右旗|旗)$", "", name)
        found = [stem] if not re.search(r"[左右]旗$", name) else []
    return [short for short in found if len(short) >= 2 and short != name]


with open(f"{out}/divisions.txt", "w", encoding="utf-8") as file:
    for code in sorted(paths):
        file.write("\t".join([code, paths[code][-1], " ".join(short_names(paths[code][-1]))]).rstrip("\t") + "\n")

# What a division was called before. Since 1999: older names are on no parcel. A division that got another rank as it
# stood ("renamed") lends us its new name and code; one that was merged, cut up or renamed within a city ("merged") does
# not, since only a map could tell which part of the new one an address lies in.
RENAMED = {"撤县设区", "撤市设区", "撤县设市", "撤地设市"}
NO_NAMES = {"郊区", "市郊区", "城区", "市区", "新区", "矿区"}
today = set(paths.values())
kept_names = {(path[0], path[-1]) for path in today}
former = {}
for event in sorted(events, key=lambda event: event["year"]):
    old, new = event["old"], event["new"]
    if event["year"] < 1999 or not old.get("name") or not new.get("code") or old["name"] == new["name"]:
        continue
    code, name = new["code"][:6], old["name"]
    if code not in paths or name in NO_NAMES or (paths[code][0], name) in kept_names:
        continue
    if event["type"] in ("新设", "同名改码", "码位改派", "驻地迁移"):
        continue
    was_city, is_city = ((part["code"] or "").startswith("00", 4) for part in (old, new))
    renamed = event["type"] in RENAMED or (event["type"] == "更名" and (is_city or not name.endswith("区")))
    if was_city != is_city and name != "莱芜市" or is_city and not renamed:
        continue
    how = "renamed" if renamed else "merged"
    if name == "莱芜市":  # A city whose two districts both went, with their own new codes, to another city.
        code, how = code[:4] + "00", "renamed"
    former[(name, code)] = how
# A county that went whole to another city, named with the city it was in: 资阳市 简阳市 is 成都市 简阳市 now.
moved = {}
for event in sorted(events, key=lambda event: event["year"]):
    old, new = event["old"], event["new"]
    if event["year"] < 1999 or not (old.get("code") and new.get("code")) or not old.get("name"):
        continue
    city, code = old["code"][:4] + "00", new["code"][:6]
    if code in paths and city in paths and code[:2] == city[:2] and code[2:4] not in ("00", city[2:4]):
        if old["name"] == paths[code][-1] and old["name"] not in NO_NAMES and (paths[city] + (old["name"],)) not in today:
            moved[(old["name"], code, city)] = "moved"
with open(f"{out}/former.txt", "w", encoding="utf-8") as file:
    for (name, code), how in sorted(former.items(), key=lambda item: (item[0][1], item[0][0])):
        file.write("\t".join([code, name, how]) + "\n")
    for name, code, city in sorted(moved, key=lambda key: (key[1], key[2])):
        file.write("\t".join([code, name, "moved", city]) + "\n")
