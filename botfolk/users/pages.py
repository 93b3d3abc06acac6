"""The pages of this room."""

from botfolk.users import (
    attribute_page,
    care_page,
    choices,
    counted_page,
    edit_page,
    erase_page,
    files_page,
    filter_page,
    history_page,
    list_page,
    merge_page,
    picture_page,
    refresh_page,
    talk_page,
    template_page,
    user_page,
)

handlers = [
    *list_page.handlers,
    *filter_page.handlers,
    *user_page.handlers,
    *edit_page.handlers,
    *attribute_page.handlers,
    *care_page.handlers,
    *history_page.handlers,
    *talk_page.handlers,
    *files_page.handlers,
    *template_page.handlers,
    *picture_page.handlers,
    *refresh_page.handlers,
    *counted_page.handlers,
    *merge_page.handlers,
    *erase_page.handlers,
    *choices.handlers,
]
