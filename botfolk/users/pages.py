"""The pages of this room."""

from botfolk.users import attribute_page, care_page, choices, edit_page, list_page, talk_page, user_page

handlers = [
    *list_page.handlers,
    *user_page.handlers,
    *edit_page.handlers,
    *attribute_page.handlers,
    *care_page.handlers,
    *talk_page.handlers,
    *choices.handlers,
]
