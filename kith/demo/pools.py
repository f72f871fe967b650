"""What the fictional shop and its people are called. Every domain and address is reserved for examples."""

from __future__ import annotations

from typing import NamedTuple


def _words(text: str, separator: str | None = None) -> tuple[str, ...]:
    return tuple(text.split(separator))


GIVEN = _words(
    "Lucía Martina Sofía María Julia Paula Valeria Emma Daniela Carla Alba Noa Carmen Sara Lola "
    "Vera Laia Elena Irene Nuria Marta Clara Inés Rocío Pilar Ainhoa Begoña Montserrat Beatriz "
    "Silvia Hugo Mateo Martín Lucas Leo Daniel Alejandro Manuel Pablo Álvaro Adrián Enzo Mario "
    "Diego David Oliver Marcos Javier Gonzalo Izan Sergio Iker Nicolás Andrés Jordi Pau Xabier "
    "Unai Rubén Óscar Chiara Giulia Matteo Luca Camille Manon Louis Hugues Anneke Sanne Daan Bram "
    "Jana Lukas Greta Jonas Inês João Tiago Rui",
)
FAMILY = _words(
    "García Rodríguez González Fernández López Martínez Sánchez Pérez Gómez Martín Jiménez "
    "Hernández Díaz Moreno Muñoz Álvarez Romero Gutiérrez Alonso Navarro Torres Domínguez Ramos "
    "Vázquez Ramírez Gil Serrano Morales Molina Blanco Suárez Castro Ortega Delgado Ortiz Marín "
    "Rubio Núñez Medina Sanz Castillo Iglesias Cortés Garrido Santos Guerrero Lozano Cano Cruz "
    "Méndez Flores Prieto Herrera Peña León Márquez Cabrera Gallego Calvo Vidal Campos Reyes Vega "
    "Fuentes Carrasco Diez Aguilar Caballero Nieto Santana Pascual Ibáñez Etxeberria Agirre "
    "Ferrer Puig Soler Bianchi Conti Moreau Laurent Visser Bakker Schulz Weber Silva Pereira",
)
DOMAINS = _words("example.com example.org example.net mail.example.com correo.example.org post.example.net")
DOMAIN_WEIGHTS = (0.45, 0.15, 0.1, 0.15, 0.1, 0.05)
STREETS = _words(
    "Calle Mayor;Calle del Sol;Avenida de la Paz;Calle Nueva;Paseo del Río;Calle de la Luna;"
    "Rambla del Mar;Calle de los Olivos;Plaza de la Fuente;Camino Viejo;Calle del Molino;"
    "Carrer de la Vinya",
    ";",
)


class City(NamedTuple):
    """A town with the first digits of its postcodes."""

    name: str
    province: str
    province_code: str
    postcode: int


CITIES = (
    City("Madrid", "Madrid", "M", 28001),
    City("Barcelona", "Barcelona", "B", 8001),
    City("València", "Valencia", "V", 46001),
    City("Sevilla", "Sevilla", "SE", 41001),
    City("Zaragoza", "Zaragoza", "Z", 50001),
    City("Málaga", "Málaga", "MA", 29001),
    City("Bilbao", "Vizcaya", "BI", 48001),
    City("A Coruña", "A Coruña", "C", 15001),
    City("Granada", "Granada", "GR", 18001),
    City("Palma", "Balears", "PM", 7001),
)


class Product(NamedTuple):
    """Something in the shop; its price in cents."""

    title: str
    product_type: str
    cents: int

    @property
    def handle(self) -> str:
        """Its name in addresses."""
        return self.title.lower().replace(" ", "-")


PRODUCTS = (
    Product("Trail Shoe 3", "Shoes", 8900),
    Product("Trail Shoe 3 GTX", "Shoes", 11900),
    Product("Road Runner 2", "Shoes", 10900),
    Product("Approach Shoe", "Shoes", 12900),
    Product("Hiking Boot Alba", "Shoes", 15900),
    Product("Hiking Boot Sierra", "Shoes", 18900),
    Product("Sandal Costa", "Shoes", 5900),
    Product("Winter Boot Nieve", "Shoes", 16900),
    Product("Kids Trail Shoe", "Shoes", 4900),
    Product("Rain Jacket Galerna", "Outdoor", 13900),
    Product("Down Jacket Moncayo", "Outdoor", 19900),
    Product("Fleece Teide", "Outdoor", 6900),
    Product("Merino Shirt", "Outdoor", 5500),
    Product("Hiking Trousers", "Outdoor", 7900),
    Product("Backpack 22", "Outdoor", 8500),
    Product("Backpack 45", "Outdoor", 14500),
    Product("Tent Duo", "Outdoor", 24900),
    Product("Sleeping Bag 0", "Outdoor", 11500),
    Product("Trekking Poles", "Outdoor", 4500),
    Product("Head Lamp", "Outdoor", 3500),
    Product("Water Bottle", "Outdoor", 1900),
    Product("Wool Socks", "Outdoor", 1450),
    Product("Cap", "Outdoor", 1990),
    Product("Donation for mountain rescue", "Donation", 500),
)
GOODS = len(PRODUCTS) - 1
DONATION = GOODS
FIRST_PRODUCT_ID = 6_600_000_000_001

USER_AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/26.0 Safari",
    "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 Version/26.0 Mobile Safari",
    "Mozilla/5.0 (Linux; Android 16; K) AppleWebKit/537.36 Chrome/142.0 Mobile Safari/537.36",
)
APP_MODELS = ("iPhone17,1", "iPhone16,2", "Pixel 10", "SM-S931B", "iPad15,3")
APP_TYPES = ("ios", "ios", "android", "android", "ios")
APP_SYSTEMS = ("iOS", "iOS", "Android", "Android", "iPadOS")
APP_VERSIONS = ("4.8.0", "4.9.1", "5.0.0")
LOCALES = ("es-ES", "ca-ES", "eu-ES", "pt-PT", "fr-FR", "it-IT", "nl-NL", "de-DE")


class Campaign(NamedTuple):
    """What brought a visit: none, or UTM values; and the page before."""

    source: str | None
    medium: str | None
    name: str | None
    content: str | None
    referrer: str | None


CAMPAIGNS = (
    Campaign(None, None, None, None, None),
    Campaign(None, None, None, None, "https://search.example.org/"),
    Campaign("search", "cpc", "autumn_trail", "shoe_a", "https://search.example.org/"),
    Campaign("social", "paid_social", "autumn_trail", "video_1", "https://social.example.net/"),
    Campaign("newsletter", "email", "october_news", None, "https://mail.example.com/"),
    Campaign("partner", "affiliate", "mountain_club", None, "https://club.example.org/"),
)
CAMPAIGN_WEIGHTS = (0.4, 0.25, 0.12, 0.1, 0.08, 0.05)

SHOP = "https://shop.example.com"
NULL_WORDS = ("n/a", "null", "-", "none", "test")
INVALID_EMAILS = (
    "n/a",
    "test@test",
    "none",
    "5f4dcc3b5aa765d61d8327deb882cf99",
    "no tiene",
    "nobody@",
    "bea81c1795a612d8fc3a232b156467aa",
)
FORMS = (
    ("3f1c0c58-11d2-4f1a-9d5b-6f3b8d2a1001", "Newsletter sign-up", "/newsletter"),
    ("3f1c0c58-11d2-4f1a-9d5b-6f3b8d2a1002", "Trail guide download", "/guides/trail"),
    ("3f1c0c58-11d2-4f1a-9d5b-6f3b8d2a1003", "Ask an expert", "/contact"),
)
SUBJECTS = (
    "Where is my order?",
    "Wrong size",
    "Return of shoes",
    "Invoice needed",
    "Donation receipt",
    "App does not open",
)
