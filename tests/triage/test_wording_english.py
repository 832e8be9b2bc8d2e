"""What partners and colleagues write in English, on its way to the customer: the news, the wish, and what stays inside."""

from __future__ import annotations

import pytest

from triage import wording
from triage.wording_english import Relayed, clauses, plain, sentences


def asked(text: str, name: str, *others: str, labels: tuple[str, ...] = ()) -> Relayed:
    """What is passed on of a wish."""
    return wording.relay_english(text, name=name, names=[name, *others], labels=labels, private_names={})[0]


def told(text: str, name: str, *others: str, labels: tuple[str, ...] = ()) -> Relayed:
    """What is passed on of a report."""
    return wording.result_in_english(text, name=name, names=[name, *others], labels=labels, private_names={})[0]


#: A wish: what was written, who reads it, what is told beside it, what is asked.
WISHES = [
    # News and a wish.
    ("TK-881 Mrs Lowe: new seal fitted, held pressure for an hour, please ask her to run a hot cycle tonight and tell us if it drips", "Mrs Lowe",
     "new seal fitted, held pressure for an hour", "run a hot cycle tonight and tell us here if it drips"),
    ("the veneer for Mr Banerjee is in, we fit it Tuesday at 9, please have him clear the sideboard and keep the dog upstairs", "Mr Banerjee",
     "the veneer for you is in, we fit it Tuesday at 9", "clear the sideboard and keep the dog upstairs"),
    ("Salim's visa photos were rejected, the background is grey. Could you get him to send two new ones on white", "Salim",
     "your visa photos were rejected, the background is grey", "send two new ones on white"),
    ("QF-19 can be collected from Friday noon, so please tell Ms Arden to bring the pink slip and her passport", "Ms Arden",
     "it can be collected from Friday noon", "bring the pink slip and your passport"),
    ("pump arrived this morning. we need Mr Toller to drain the pond to 40 cm before we come on Monday", "Mr Toller",
     "pump arrived this morning", "drain the pond to 40 cm before we come on Monday"),
    ("the proof is up on the portal, can she check the spelling of the names, and please confirm by Thursday", "Dora Finch",
     "the proof is up on the portal", "check the spelling of the names, and confirm by Thursday"),
    # A question that she has to decide.
    ("Greta's invitations: can the gold foil be 2 mm thinner? please ask her to confirm today, we start the plates once she does", "Greta",
     "can the gold foil be 2 mm thinner?", "confirm today (we start the plates once you do)"),
    ("Leila's aprons: we suggest navy thread, the white one frays in the wash, please have her decide today as well", "Leila",
     "we suggest navy thread, the white one frays in the wash", "decide today"),
    # Somebody else is to act.
    ("boiler is back on. please ask her husband to bleed the radiators upstairs", "Mrs Quirke",
     "boiler is back on", "ask your husband to bleed the radiators upstairs"),
    ("Priory Lane school: please ask their technician to whitelist port 8443", "Priory Lane School",
     "", "ask your technician to whitelist port 8443"),
    ("please ask Priya to have Tom fill in the rooming list and send it over, we can't assign rooms without it", "Priya",
     "", "have Tom fill in the rooming list and send it over"),
    ("WL-7 please get Rob Hales to sign page 4, the rest is stamped", "Ms Amin",
     "the rest is stamped", "ask Rob Hales to sign page 4"),
    # A list of acts stays one wish.
    ("Mr Osman, console 44. Please ask him to update to 2.6, run the fader test and send us a screenshot of the result before Friday's show", "Mr Osman",
     "", "update to 2.6, run the fader test and send us a screenshot of the result before Friday's show"),
    # Things to be given.
    ("need a pic of the torn seam from Mrs Ito before I load the van", "Mrs Ito",
     "", "send us a pic of the torn seam before we load the van"),
    ("job 771, Mr Hale's recurve: please ask him for a photo of the serial number on the lower limb, we need it to look up the warranty", "Mr Hale",
     "", "send us a photo of the serial number on the lower limb (we need it to look up the warranty)"),
    ("please ask the tenant which day the meter cupboard is unlocked", "Mrs Ito",
     "", "let us know which day the meter cupboard is unlocked"),
    ("white letters would read better than yellow on that blue. Could you get her ok today so we can print", "Dana",
     "white letters would read better than yellow on that blue", "let us have your ok today so we can print"),
    ("remind Mr Wu not to feed the mare after 8 pm", "Mr Wu", "", "not feed the mare after 8 pm"),
    ("the guest must be at the pier by 6:40", "Ana Soto", "", "be at the pier by 6:40"),
    ("the walnut is sold out, could she take oak instead? please ask her too", "Ms Varga",
     "the walnut is sold out", "let us know whether you could take oak instead"),
    ("can you get the shop to run the till test again pls, still nothing here", "Ms Varga", "", "run the till test again"),
    ("Varga sent the drawing of the old shelf. get the new one off her please", "Ms Varga", "you sent the drawing of the old shelf", "send us the new one"),
    ("FZ-33: compressor swapped, holding at -18 since noon. need him to log the temperature and send us the sheet", "Mr Ferrante",
     "compressor swapped, holding at -18 since noon", "log the temperature and send us the sheet"),
    ("could Mrs Blum come for the second fitting on Saturday at 11, and bring the shoes she will wear", "Mrs Blum",
     "", "come for the second fitting on Saturday at 11, and bring the shoes you will wear"),
    ("Noor passed her grade 3! please have her mum sign the photo consent", "Noor's mum", "Noor passed her grade 3", "sign the photo consent"),
    ("the second proof is uploaded. client should check the red on page 12", "Studio Vey", "the second proof is uploaded", "check the red on page 12"),
    ("hi, can someone get the customer to do the reset again pls", "Mr Okoye", "", "do the reset again"),
    ("the flour for Adeyemi is held at customs, they want the plant certificate. ask him to email it today", "Mr Adeyemi",
     "the flour for you is held at customs, they want the plant certificate", "email it today"),
    # Parents of a child.
    ("Arjun's chapter 7 failed to encode, it will be rebuilt by 8 pm tonight, please ask the parents to open it again after 8 pm", "Arjun's mum",
     "Arjun's chapter 7 failed to encode, it will be rebuilt by 8 pm tonight", "open it again after 8 pm"),
    ("BM-2210 can go into rework, SF picks it up tomorrow between 2 and 5 pm, please ask Mrs Haas to pack both units and have somebody at home", "Mrs Haas",
     "it can go into rework, SF picks it up tomorrow between 2 and 5 pm", "pack both units and have somebody at home"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "name", "news", "request_"), WISHES, ids=[row[0][:36] for row in WISHES])
def test_a_wish_comes_with_its_news(text: str, name: str, news: str, request_: str) -> None:
    found = asked(text, name)
    assert (found.news, found.request) == (news, request_)


def test_the_names_of_a_case_are_whole_names() -> None:
    found = asked("please ask Mr de Vries to unlock the shed", "Mr de Vries")
    assert found.request == "unlock the shed"
    found = asked("please ask Anne Marie Cole to unlock the shed", "Anne Marie Cole")
    assert found.request == "unlock the shed"


def test_what_it_is_about_stands_by_itself() -> None:
    assert asked("Leila's aprons: we suggest navy thread, please have her decide today", "Leila").about == "aprons"
    assert asked("for Leila: we suggest navy thread, please have her decide today", "Leila").about == ""
    assert asked("TK-881 Mrs Lowe: seal fitted, please ask her to try it", "Mrs Lowe", labels=("TK-881",)).about == ""
    assert "aprons" in asked("Leila's aprons: please have her decide today", "Leila").need


#: A report: what was written, who reads it, what must be told, what must not.
REPORTS = [
    ("Noa's swim test is done, she swam 12 lengths, she can join Sharks", "Noa's dad", ["swim test is done", "join Sharks"], []),
    ("the hem is let down, colour match is approved. took her long enough to decide", "Ms Reyes", ["hem is let down", "colour match is approved"], ["long enough"]),
    ("looked through the scans. upper crown is sound, lower one gets replaced Thursday. between us, his last dentist botched it, brace yourselves", "Mr Kim",
     ["upper crown is sound", "replaced Thursday"], ["between us", "dentist", "botched", "brace"]),
    ("412 done: rotor trued, new pads in. he'll swear he never rode the brakes, they all do", "Ed Marsh", ["rotor trued", "new pads in"], ["swear", "they all do"]),
    ("between you and me she couldn't tell a fuse from a fork. breaker replaced, all circuits tested", "Mrs Bell", ["breaker replaced", "all circuits tested"], ["fuse", "between"]),
    ("parquet sanded, second coat tomorrow 8 am. our cost is 310, charge her 480 if you like", "Mrs Bell", ["parquet sanded", "second coat tomorrow"], ["310", "480", "charge"]),
    ("Ms Doyle's clock is repaired and keeps time, it goes out Friday with DHL, tracking 5521880", "Ms Doyle", ["your clock is repaired", "DHL", "5521880"], []),
    ("tell Mr Pratt the gearbox came in this morning, we fit it tomorrow", "Mr Pratt", ["the gearbox came in this morning", "we fit it tomorrow"], ["Pratt"]),
    ("the lease is stamped. different from the Hillside one, that client still owes two months", "Jo Park", ["lease is stamped"], ["Hillside", "owes"]),
    ("Jonas' bike: new chain, brakes bled. took ages because someone had cross-threaded the pedal", "Jonas", ["new chain", "brakes bled"], ["ages", "someone"]),
    ("audit done, no findings. she phoned four times btw, bit much", "Mr Cole", ["audit done", "no findings"], ["phoned", "bit much"]),
    ("inverter cracked, corner is caved in. parts are 35, charge him 110 if you want", "Mr Cole", ["inverter cracked"], ["35", "110"]),
    ("filter housing is cracked, new one is on order, in by Wednesday. maybe my apprentice overtightened it", "Mr Wu", ["cracked", "on order", "Wednesday"], ["apprentice", "overtightened"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "name", "said", "unsaid"), REPORTS, ids=[row[0][:36] for row in REPORTS])
def test_a_report_tells_its_facts_and_keeps_the_talk(text: str, name: str, said: list[str], unsaid: list[str]) -> None:
    news = told(text, name).news
    assert [words for words in said if words.lower() not in news.lower()] == [], news
    assert [words for words in unsaid if words.lower() in news.lower()] == [], news


@pytest.mark.parametrize(
    "text",
    [
        "ta. between you and me she couldn't tie her own shoelaces",
        "cheers, took her long enough",
        "cheers, got it. plumbers and computers eh, never again haha",
        "had enough of him, dreadful man",
        "perfect ty",
        "she could have done that weeks ago, lazy lot",
        "got it. entre nous that office couldn't zip a folder, they never could",
    ],
)
def test_of_mere_talk_nothing_is_told(text: str) -> None:
    assert told(text, "Ms Reyes").news == ""


def test_a_thing_that_is_only_named_is_no_news() -> None:
    found = asked("the delivery van. please ask Mr Rao for a clear photo of the fault code", "Mr Rao")
    assert found == Relayed("", "", "send us a clear photo of the fault code (it is about the delivery van)")
    leaks = asked("the dock leveller leaks, please ask Mr Rao to keep people off it", "Mr Rao")
    assert leaks.news == "the dock leveller leaks"


def test_whose_fault_it_is_stays_inside_and_a_fault_code_does_not() -> None:
    report = (
        "fault code E4 cleared, the fault was in the sensor. his own fault if you ask me, at fault is whoever fitted it"
    )
    said = told(report, "Mr Rao").news
    assert "E4" in said
    assert "own fault" not in said
    assert "at fault" not in said


def test_a_wish_beside_talk_is_asked_for_without_it() -> None:
    found = asked(
        "please ask her to send the old invoice. sloppy as ever, and they still owe me 340 from May", "Ms Reyes"
    )
    assert found == Relayed(request="send the old invoice")


def test_clauses_begin_where_a_fact_or_a_wish_begins() -> None:
    assert clauses("speaker replaced, going out today, tracking SF1, please ask her to open it, try it and report") == [
        "speaker replaced", "going out today", "tracking SF1", "please ask her to open it, try it and report",
    ]  # fmt: skip
    assert clauses("driver waits at Terminal 2 arrivals, exit B, from 17:40") == [
        "driver waits at Terminal 2 arrivals, exit B, from 17:40"
    ]
    assert sentences(plain("It ran till 8 p.m. today. Mr. Pym was there – all good")) == [
        "It ran till 8 pm today", "Mr Pym was there, all good",
    ]  # fmt: skip
