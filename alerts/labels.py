"""How the four levels look besides their colour: an icon and a word each."""

from alerts.models import Level

LEVEL_ICON = {
    Level.BLUE: "info-circle",
    Level.YELLOW: "alert-triangle",
    Level.ORANGE: "alert-octagon",
    Level.RED: "flame",
}
LEVEL_KEY = {level: level.name.lower() for level in Level}
