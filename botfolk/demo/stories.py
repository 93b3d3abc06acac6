"""What people write to a small coffee shop, and what its team answers."""

from msgspec import Struct


class Story(Struct, frozen=True):
    """A conversation: lines that begin with ">" are the team's. `tags`, `attributes`, `note`: what a member adds."""

    lines: tuple[str, ...]
    tags: tuple[str, ...] = ()
    attributes: dict[str, str | int | bool] = {}
    note: str = ""


class Tongue(Struct, frozen=True):
    """A language: names of people, where they live, what they write."""

    language: str
    timezones: tuple[str, ...]
    first_names: tuple[str, ...]
    last_names: tuple[str, ...]
    stories: tuple[Story, ...]
    small_talk: tuple[str, ...]
    """at first a greeting, at last the wish to speak to somebody"""
    asks: str
    """a member asks for an email"""
    offers: str
    """a member offers something to say yes to"""


ENGLISH = Tongue(
    "en",
    ("Europe/London", "America/New_York", "Asia/Singapore"),
    ("Priya", "Tom", "Grace", "Noah", "Ella", "Marcus", "Aisha", "Liam", "Zoe", "Hannah"),
    ("Nair", "Walker", "O'Brien", "Tan", "Johnson", "Fraser", "Patel", "Murphy", "Clarke", "Lim"),
    (
        Story(
            (
                "Hi! I ordered two bags of the Toraja beans last Monday and they are still not here 😞",
                "> I am sorry about that. Could you give me the order number?",
                "It is 4711",
                "> Found it: the courier brought it back. I send a new parcel today, with a bag on us.",
                "Oh wow, thank you so much, that is really kind! 🙏",
            ),
            ("order", "solved"),
            {"plan": "gold", "orders": 7},
            "Parcel 4711 came back; sent again by express.",
        ),
        Story(
            (
                "Do you open on Sunday?",
                "> Yes, from 9 to 17.",
                "Great, thanks!",
            ),
            ("opening hours",),
        ),
        Story(
            (
                "This is the third time the grinder arrives broken. Terrible service!!",
                "Nobody answers your phone either. I am really angry.",
                "> You are right to be. I refund it today, and call you myself this afternoon.",
                "Fine. But please check it before you send it.",
                "> We will. The money is on its way.",
                "Got it. Thanks for being quick at least 🙂",
            ),
            ("complaint", "vip"),
            {"plan": "silver", "refunded": True},
            "Grinder broken three times. Ask the warehouse to test each before it leaves.",
        ),
        Story(
            (
                "Which beans are good for cold brew?",
                "> The Gayo, medium roast: sweet, little acid.",
                "Perfect, I love it 😍",
            ),
            ("advice",),
            {"favourite": "Gayo"},
        ),
        Story(
            (
                "You charged me twice for the same order. This is unacceptable 😡",
                "> That must not happen. May I have the last four digits of the card?",
                "I have sent them three times already!! Worst support ever.",
            ),
            ("complaint", "billing"),
            {"plan": "silver", "orders": 3},
            "Charged twice. Waits for the bank since Tuesday.",
        ),
        Story(
            (
                "The last bag tasted stale, I am quite disappointed 😕",
                "> Which roast date is on it?",
                "No idea, I threw it away. Not buying that one again.",
            ),
            ("quality",),
            {"orders": 12},
        ),
        Story(("Do you have gift cards?", "> We do, from 10 to 100.", "ok, I will think about it"), ("gift",)),
    ),
    (
        "Good morning!",
        "ok",
        "Any news?",
        "The espresso was wonderful today ☕",
        "Is the mocha back?",
        "Still waiting… this takes far too long",
        "haha nice one 😂",
        "The queue was horrible this morning 😩",
        "Can I talk to a real person, please?",
    ),
    "Where may I write to you when it is here?",
    "Shall I put a bag of the new roast aside for you?",
)
MALAY = Tongue(
    "ms",
    ("Asia/Kuala_Lumpur",),
    ("Nurul", "Ahmad", "Siti", "Farid", "Aina", "Hafiz"),
    ("binti Razak", "bin Ismail", "binti Omar", "bin Yusof"),
    (
        Story(
            (
                "Salam, boleh saya tukar alamat penghantaran?",
                "> Boleh, sila beri alamat baru.",
                "Jalan Ampang 12, Kuala Lumpur. Terima kasih banyak! 😊",
            ),
            ("address",),
            {"city": "Kuala Lumpur"},
        ),
        Story(
            (
                "Kenapa lambat sangat? Saya sudah tunggu seminggu, kecewa",
                "> Maaf, kami semak sekarang.",
                "ok, terima kasih",
            ),
            ("complaint",),
        ),
    ),
    (
        "Selamat pagi!",
        "Sedap sangat kopi hari ini 👍",
        "Ada promosi?",
        "Kenapa tak sampai lagi? Teruk betul 😡",
        "Boleh saya cakap dengan staf?",
    ),
    "Ke mana boleh saya tulis apabila ia tiba?",
    "Boleh saya simpan sepeket untuk anda?",
)
SPANISH = Tongue(
    "es",
    ("Europe/Madrid", "America/Mexico_City"),
    ("Lucía", "Mateo", "Carmen", "Diego", "Valeria"),
    ("García", "Fernández", "Ruiz", "Ortega"),
    (
        Story(
            ("Hola, ¿hacen envíos a Canarias?", "> Sí, en cinco días.", "¡Genial, muchas gracias! 🎉"),
            ("shipping",),
            {"city": "Las Palmas"},
        ),
        Story(
            ("El paquete llegó abierto, qué mal 😡", "> Lo sentimos, le enviamos otro hoy.", "Gracias, muy amables"),
            ("complaint", "solved"),
        ),
    ),
    (
        "Buenos días",
        "¿Tienen descafeinado?",
        "Me encanta el nuevo tueste",
        "Sigo esperando, qué servicio tan malo 😡",
        "¿Puedo hablar con una persona?",
    ),
    "¿A qué correo le aviso cuando llegue?",
    "¿Le aparto una bolsa del nuevo tueste?",
)
GERMAN = Tongue(
    "de",
    ("Europe/Berlin",),
    ("Lena", "Jonas", "Sophie", "Max", "Mia"),
    ("Schneider", "Weber", "Fischer", "Hoffmann"),
    (
        Story(
            (
                "Guten Tag, ich möchte mein Abo kündigen.",
                "> Schade! Darf ich fragen, warum?",
                "Der Kaffee ist gut, aber leider zu teuer geworden.",
                "> Wir hätten ein kleineres Abo zum halben Preis.",
                "Oh, das ist super, das nehme ich gern! 👍",
            ),
            ("subscription", "kept"),
            {"plan": "small", "orders": 24},
            "Wanted to leave over the price; has the small plan now.",
        ),
    ),
    (
        "Moin!",
        "Wann kommt die nächste Lieferung?",
        "Danke, perfekt",
        "Schon wieder zu spät, das ist echt ärgerlich 😠",
        "Kann ich bitte mit jemandem sprechen?",
    ),
    "Wohin darf ich schreiben, wenn er da ist?",
    "Soll ich Ihnen eine Tüte zurücklegen?",
)
OTHERS = (
    Tongue(
        "ar",
        ("Asia/Riyadh", "Africa/Cairo"),
        ("محمد", "فاطمة", "يوسف", "ليلى"),
        ("العتيبي", "حسن", "منصور"),
        (Story(("مرحبا، متى يصل طلبي؟", "> سيصل غدا إن شاء الله.", "شكرا جزيلا 🌹"), ("order",)),),
        ("صباح الخير", "القهوة رائعة", "الخدمة سيئة جدا 😡", "أريد التحدث مع موظف من فضلكم"),
        "إلى أي بريد نكتب لك عندما يصل؟",
        "هل نحجز لك كيسا من القهوة الجديدة؟",
    ),
    Tongue(
        "hi",
        ("Asia/Kolkata",),
        ("अनिल", "पूजा", "रोहित", "दीपा"),
        ("शर्मा", "वर्मा", "गुप्ता"),
        (Story(("नमस्ते, मेरा ऑर्डर कहाँ है?", "> आज शाम तक पहुँच जाएगा।", "बहुत धन्यवाद 🙏"), ("order",)),),
        ("नमस्ते", "बहुत अच्छा", "बहुत खराब सेवा 😡", "क्या मैं किसी से बात कर सकता हूँ?"),
        "आने पर हम आपको कहाँ लिखें?",
        "क्या मैं आपके लिए एक पैकेट अलग रख दूँ?",
    ),
    Tongue(
        "zh",
        ("Asia/Shanghai", "Asia/Taipei"),
        ("伟", "芳", "娜", "强"),
        ("王", "李", "张"),
        (Story(("你好，请问可以开发票吗？", "> 可以的，请发一下抬头。", "太好了，谢谢！"), ("invoice",)),),
        ("早上好", "咖啡很好喝", "等太久了，很失望 😞", "可以转人工客服吗？"),
        "到货后我们写信到哪里通知您？",
        "要给您留一包新豆吗？",
    ),
    Tongue(
        "pt",
        ("America/Sao_Paulo",),
        ("Beatriz", "João", "Larissa", "Thiago"),
        ("Silva", "Souza", "Costa"),
        (Story(("Oi! Vocês têm café em cápsula?", "> Temos, dez por caixa.", "Adorei, vou comprar 😍"), ("advice",)),),
        ("Bom dia!", "Adoro esse café", "Que demora, péssimo atendimento 😡", "Posso falar com uma pessoa?"),
        "Para que email podemos avisar quando chegar?",
        "Posso separar um pacote para você?",
    ),
)
TONGUES = (ENGLISH, ENGLISH, ENGLISH, MALAY, MALAY, SPANISH, GERMAN, *OTHERS)
"""The more often a language stands here, the more people speak it."""

GROUPS = ("Kopi lovers KL", "Office coffee order", "Barista night ☕")
GROUP_TALK = ("Who is in for Friday?", "me!", "Two flat whites please", "can we move it to 6?", "+1 👍", "sounds great")
