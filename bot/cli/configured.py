"""Reading the settings for a command."""

from bot.logs import configure_logging
from bot.settings import Settings, load_settings


def configured(*, need_token: bool = False) -> Settings:
    """Read the settings, and configure logging. Raises ConfigurationError."""
    settings = load_settings(need_token=need_token)
    configure_logging(settings.log_level, settings.log_format, settings.secrets)
    return settings
