"""A table of the world's scripts, for rules that hold in each of them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Script:
    """One script, with text as people write it."""

    called: str
    """What tests call it."""
    name: str
    """A person's name of one word."""
    other: str
    """Another person's name, which differs from `name` by a mark, a vowel or one letter only."""
    sentence: str
    word: str
    """A word of the sentence, to search for."""


# ruff: noqa: RUF001
SCRIPTS = (
    Script("Latin", "Élodie", "Elodie", "La crème brûlée était délicieuse.", "brûlée"),
    Script("Turkish", "İpek", "İpék", "İstanbul güneşli bir sabaha uyandı.", "güneşli"),
    Script("Vietnamese", "Hồng", "Hông", "Tôi thích ăn phở ở Hà Nội.", "phở"),
    Script("Yoruba", "Ẹ̀kọ́", "Ẹkọ́", "Mo ń kọ́ èdè Yorùbá.", "Yorùbá"),
    Script("Greek", "Ελένη", "Ελενη", "Η θάλασσα είναι ήσυχη σήμερα.", "θάλασσα"),
    Script("Cyrillic", "Йорданка", "Иорданка", "Новая ёлка стоит у окна.", "ёлка"),
    Script("Arabic", "عُمر", "عِمر", "أُحِبُّ القِراءَةَ كَثيراً.", "القِراءَةَ"),
    Script("Hebrew", "דָּוִד", "דּוֹד", "אֲנִי אוֹהֵב סְפָרִים יְשָׁנִים.", "סְפָרִים"),
    Script("Devanagari", "अमित", "अमिता", "मुझे हिन्दी में लिखना पसंद है।", "हिन्दी"),
    Script("Bengali", "মিতা", "মিতি", "আমি একটা ভালো বই পড়ি।", "বই"),
    Script("Tamil", "மணி", "மணா", "இன்று மழை பெய்கிறது.", "மழை"),
    Script("Sinhala", "කමල", "කමලා", "මම උදේට තේ බොනවා.", "තේ"),
    Script("Thai", "กิต", "กุต", "วันนี้อากาศดีมาก", "อากาศ"),
    Script("Khmer", "សុខ", "សាខ", "ខ្ញុំស្រឡាញ់ទឹកភ្លៀង។", "ទឹក"),
    Script("Burmese", "အောင်", "အောင့်", "ဒီနေ့မိုးရွာနေတယ်။", "မိုး"),
    Script("Tibetan", "བོད", "བུད", "ང་ཚོ་དེབ་ལ་དགའ།", "དེབ"),
    Script("Hangul", "서준", "서진", "오늘 서울에 눈이 온다.", "서울"),
    Script("Han", "李小龙", "李小龍", "今天天气很好。", "天气"),
    Script("Kana", "はな", "ばな", "きょうはいいてんきです。", "てんき"),
    Script("Ethiopic", "ሰላም", "ሰሎም", "ዛሬ ዝናብ እየዘነበ ነው።", "ዝናብ"),
    Script("emoji", "Sunny 🌻", "Sünny 🌻", "What a day 👨‍👩‍👧‍👦 🇩🇪 👍🏽!", "day"),
)
"""Scripts of all kinds: with and without case, marks, blanks between words, and from right to left."""
