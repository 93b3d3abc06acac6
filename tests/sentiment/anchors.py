"""Phrases whose answer is obvious to everybody who speaks the language, one line a language and side."""

POSITIVE = """
hahaha|HAHA|hehehe|lol|LMAO|thanks|thanks!|thank you|thank you so much|ty|thx|tq|great|great service|awesome|I love it|love this|this is awesome|very good
goooood|so happy today|you are amazing|not bad|not bad at all|not a bad idea|well done|can't wait to see you|no problem|no worries|it was slow but now it is great
best bot ever|nice 👍👍|perfect|cool|that was fast, thank you|yay|congrats|good job|my problem is solved, thank you|you are the best|excellent support|works great now
👍|😂|❤️|😍|🎉🎉|🙏|😊|🥰|👏👏👏|💯|:)|:-)|:D|xD|<3|hahaha that is great 😂
terima kasih|terima kasih banyak|makasih ya|tq bos|bagus|bagus sekali|mantap|mantul|suka banget|best gila|sedap|sedapnya|puas hati|hebat|cantik|terbaik|seronok|wkwkwk|cepat sampai, terima kasih
shiok|damn shiok|so good la|steady lah
谢谢|谢谢你|多谢|太好了|很好|不错|喜欢|好吃|哈哈哈|我很开心|非常满意|太棒了|真好|赞|服务很好
ขอบคุณ|ขอบคุณมากค่ะ|ดีมาก|อร่อยมาก|ชอบมาก|สุดยอด|น่ารัก|5555|ประทับใจมาก
நன்றி|மிக்க நன்றி|அருமை|சூப்பர்|நல்லா இருக்கு|மகிழ்ச்சி
gracias|muchas gracias|muchas gracias, excelente|me encanta|genial|muy bueno|jajaja|perfecto|qué bonito
obrigado|obrigada|muito bom|adorei|kkkkk|ótimo atendimento|amei|parabéns|valeu
merci|merci beaucoup|super|j'adore|très bon|génial|mdr|c'est parfait|pas mal
danke|danke schön|vielen Dank|super|sehr gut|toll|ich liebe es|perfekt|nicht schlecht|tolle Bohnen, die besten!
grazie|grazie mille|ottimo|bellissimo|molto buono|perfetto|mi piace
شكرا|شكرا جزيلا|رائع|ممتاز|جميل جدا|هههههه|أحبك
धन्यवाद|बहुत अच्छा|शुक्रिया|बढ़िया|मज़ा आ गया|bahut accha|shukriya
хахаха
"""

NEUTRAL = """
hello|hi|hey|ok|okay|yes|no|k|hello, how are you|good morning|good night|what time do you open|I would like a table for two|my order number is 4711
can you send me the menu|where is the shop|tomorrow at noon|I'd like to know|no thanks|no thank you|yes please send it to the office|where is my order
I want to cancel my order|my email is mia@example.com|https://example.com/p/1|order 12345|what is the price|I need help|help|please call me|how much is it|is it open today
I want to talk to an agent|see you at 5 pm|my name is Ahmad|do you have size M|I have a question|can I pay by card|two tickets please|what is your address|menu|start
selamat pagi|apa khabar|berapa harga|di mana kedai|saya nak order|boleh hantar esok|nama saya Siti|pukul berapa buka|ada stok tak|saya mau pesan|jam berapa buka
你好|请问几点开门|多少钱|我的订单在哪里|明天下午三点|在吗
สวัสดี|สวัสดีค่ะ|ราคาเท่าไหร่|ร้านเปิดกี่โมง
வணக்கம்|விலை என்ன
hola|buenos días|dónde está mi pedido|cuánto cuesta|quiero cancelar mi pedido
olá|bom dia|onde está meu pedido|quanto custa
bonjour|où est ma commande|combien ça coûte|je voudrais une table pour deux
hallo|guten Morgen|wo ist meine Bestellung|wie viel kostet das|ich möchte bestellen|wann kommt die nächste Lieferung?|welche Größe hat die neue Packung?
ciao|buongiorno|dov'è il mio ordine|quanto costa
مرحبا|السلام عليكم|كم السعر|اين طلبي
नमस्ते|मेरा ऑर्डर कहाँ है|कीमत क्या है
"""

NEGATIVE = """
 so slow!|so slow|too slow|thanks for nothing|thank you for nothing|this is terrible|not good|not happy|I hate this|worst service ever|very disappointed|terrible
my order has not arrived and I am not happy|useless bot|useless|horrible|waste of time|never again|you don't like me|it is great but so slow|SCAM|stupid|rude
fed up with you|I have been waiting for an hour|nobody answers|it does not work|it's broken|still waiting!!!|this is a joke|I am so angry|disgusting|wtf|you suck
bad service|the food was cold|my parcel is lost|I want my money back|this app keeps crashing|no reply for two days|so annoying|what a waste of money|I am sad
😡|👎|😭😭|🤬|😢|💩|😠|🤮|:(|:-(|:'(
lambat sangat|teruk|teruk sangat|kecewa|sangat lambat|tidak suka|tidak bagus|tak best|tak sedap|barang rosak|mahal sangat|bodoh|penipu|geram betul|lambat gila|kurang ajar
lama banget|jelek|mengecewakan|barangnya rusak|pelayanan buruk|ga enak|menyebalkan|marah
so slow la|lousy service|walao so slow|damn slow
太慢了|很差|垃圾|不好|讨厌|骗子|不喜欢|太贵了|气死我了|质量太差|失望|等了很久|服务态度很差
แย่มาก|แย่|ช้า|ช้ามาก|ไม่ดี|ไม่อร่อย|ห่วย|แพงมาก|เสียใจ|ผิดหวัง
மோசம்|ரொம்ப மோசம்|பிடிக்கவில்லை|கேவலம்
malísimo no, pésimo|muy lento|horrible|no me gusta|qué asco|pésimo servicio|no funciona|estoy enojado
muito ruim|péssimo|que lixo|não gostei|odeio|muito lento|horrível
c'est nul|très lent|trop lent|horrible|je déteste|pas content|quelle arnaque
sehr schlecht|zu langsam|schrecklich|ich hasse es|funktioniert nicht|so ein Mist|nicht gut
pessimo servizio|troppo lento|fa schifo|orribile|non mi piace|non funziona
سيء|سيء جدا|فظيع|بطيء جدا|لا احب
बहुत बुरा|बेकार|घटिया|बहुत खराब|अच्छा नहीं है|bakwas
"""


def phrases(table: str) -> list[str]:
    """Return the phrases of a table, with the spaces they have."""
    return [phrase for line in table.strip("\n").splitlines() for phrase in line.split("|") if phrase.strip()]
