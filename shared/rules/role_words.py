"""The words that names of columns are made of, in several languages, by what they say."""

from __future__ import annotations

from collections.abc import Collection

from shared.columns import ColumnType
from shared.documents.dataset import NUMBER_TYPES

# Who buys and what is bought, likeliest first; the second tuple only together with a key word.
CUSTOMERS = (
    (
        *("customerunique", "customer", "cust", "user", "household", "member", "client", "visitor"),
        *("buyer", "shopper", "consumer", "subscriber", "reviewer", "person", "kunde", "kunden"),
        *("kaufer", "kaeufer", "benutzer", "nutzer", "mitglied", "haushalt", "utilisateur"),
        *("acheteur", "cliente", "usuario", "comprador", "socio", "utente", "klant", "klanten"),
        *("gebruiker", "klient", "uzytkownik", "kund", "bruger", "musteri", "kullanici"),
    ),
    ("hh", "usr", "kd", "guest", "viewer", "listener", "reader", "player", "account", "session"),
)
PRODUCTS = (
    (
        *("product", "prod", "item", "sku", "article", "artikel", "produkt", "produit", "producto"),
        *("prodotto", "produto", "articulo", "articolo", "artigo", "urun", "vare", "towar"),
        *("movie", "film", "track", "song", "book", "game", "anime", "recipe"),
    ),
    (
        *("stock", "art", "material", "goods", "merchandise", "content", "video", "show", "app"),
        *("business", "restaurant", "venue", "listing", "offer", "course", "hotel", "news"),
        *("podcast", "episode", "album", "artist", "title"),
    ),
)
KEYS = (
    *("id", "no", "nr", "num", "number", "nummer", "numero", "key", "code", "cod", "codigo"),
    *("ref", "uuid", "guid", "identifier", "hash"),
)
# Of a product, the last word of the name of a column that names it.
ITEM_NAMES = ("item", "product", "name", "title", "description", "desc", "descr")
CUSTOMER_NAMES = ("uid", "msno", "username")
PRODUCT_NAMES = ("parentasin", "asin", "isbn", "upc", "ean", "gtin", "plu", "pid", "iid")
# What numbers purchases and rows says neither who bought nor what.
ORDERS = (
    *("order", "transaction", "trans", "invoice", "basket", "receipt", "bill", "line", "row"),
    *("review", "bestellung", "rechnung", "beleg", "bon", "pedido", "factura", "commande"),
)

# Words in the name of a time, likeliest first; in the last, of what is no purchase.
PURCHASES = (
    *("purchase", "transaction", "trans", "txn", "trx", "bought", "buy", "order", "invoice"),
    *("sale", "sold", "checkout", "basket", "tdat", "kauf", "bestell", "rechnung", "beleg"),
    *("buchung", "achat", "commande", "vente", "facture", "compra", "venta", "pedido"),
    *("factura", "acquisto", "ordine", "vendita"),
)
INTERACTIONS = ("event", "visit", "click", "view", "watch", "play", "listen", "rat", "action")
OTHER_TIMES = (
    *("birth", "dob", "geburt", "naissance", "nacimiento", "nascita", "signup", "regist", "join"),
    *("since", "releas", "launch", "publish", "expir", "valid", "updat", "modif", "chang"),
    *("delet", "cancel", "ship", "deliver", "liefer", "versand", "estimat", "return", "due"),
    *("answer", "login", "ingest", "import", "export", "first", "last", "next", "prev"),
    *("subscri", "hire", "founded"),
)
LATER_TIMES = ("approv", "paid", "payment", "process", "load", "creat", "insert")
TIMES = (
    *("date", "datetime", "time", "timestamp", "ts", "dt", "dat", "day", "datum", "zeit"),
    *("zeitpunkt", "zeitstempel", "uhrzeit", "fecha", "hora", "jour", "tijd"),
)
LONG_TIMES = ("date", "time", "timestamp", "datum", "zeit", "zeitpunkt", "fecha")
NO_TIMES = ("lifetime", "runtime", "playtime", "update", "candidate", "overtime", "parttime")

RATINGS = ("rating", "ratings", "stars", "star", "sterne", "bewertung")
# Ratings where the values say so too.
SCORES = (
    *("score", "overall", "vote", "grade", "points", "note", "nota", "puntuacion"),
    *("calificacion", "valoracion", "satisfaction", "feedback", "preference"),
)
OF_A_PURCHASE = ("review", "user", "customer", "feedback", "my", "product", "item", "movie")
NO_RATINGS = (
    *("avg", "average", "mean", "count", "num", "n", "number", "total", "sum", "max", "min", "std"),
    *("age", "content", "credit", "risk", "fraud", "parental", "id", "date", "time", "anzahl"),
    *("durchschnitt", "text", "at", "type", "source", "scale", "flag"),
)
NO_SHAPES = (
    *NO_RATINGS,
    *("qty", "quantity", "items", "units", "hour", "weekday", "day", "week", "month", "year"),
    *("size", "level", "group", "class", "type", "code", "no", "nr", "key", "segment", "channel"),
    *("store", "cluster", "fold", "label", "step", "rank", "position", "index", "row"),
)

# By role, the usual names without separators, likeliest first, and the types that it takes.
NAMES: dict[str, tuple[Collection[ColumnType], tuple[str, ...]]] = {
    "revenue": (
        NUMBER_TYPES,
        (
            *("revenue", "salesvalue", "salesamount", "sales", "amount", "total", "totalprice"),
            *("price", "unitprice", "salesprice", "value", "umsatz", "betrag", "preis"),
            *("montant", "prix", "importe", "precio"),
        ),
    ),
    "quantity": (
        NUMBER_TYPES,
        ("quantity", "qty", "units", "count", "menge", "anzahl", "quantite", "cantidad"),
    ),
    "category": (
        (ColumnType.STRING, ColumnType.INTEGER),
        (
            *("category", "productcategory", "categoryname", "maincategory", "genre", "kategorie"),
            *("warengruppe", "categorie", "categoria", "categorycode", "categoryid"),
        ),
    ),
    "subcategory": (
        (ColumnType.STRING, ColumnType.INTEGER),
        ("subcategory", "productsubcategory", "producttype", "unterkategorie"),
    ),
    "product_name": (
        (ColumnType.STRING,),
        (
            *("productname", "itemname", "title", "prodname", "producttitle", "artikelname"),
            *("produktname", "productdescription", "description", "artikelbezeichnung"),
            *("bezeichnung", "beschreibung", "name"),
        ),
    ),
}
ATTRIBUTES = {
    "brand": "product_brand",
    "department": "product_department",
    "color": "product_color",
    "colour": "product_color",
    "size": "product_size",
    "package_size": "product_package_size",
    "store_id": "customer_store",
    "store": "customer_store",
    "city": "customer_city",
    "state": "customer_state",
    "country": "customer_country",
    "region": "customer_region",
    "gender": "customer_gender",
    "age": "customer_age",
    "segment": "customer_segment",
}
SIDES = {"customer": "customer", "user": "customer", "product": "product", "item": "product"}
