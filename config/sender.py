"""Who our letters are from: one address, with a name before it or without."""

from email.headerregistry import Address
from email.message import EmailMessage

from email_validator import EmailNotValidError, validate_email


def parse(text: str) -> Address:
    """`text` as the header of a letter has it, its domain in ASCII. Raises ValueError that says what it must be."""
    try:
        header = EmailMessage()
        header["From"] = text
        (address,) = header["From"].addresses
        if header["From"].defects or not address.username:
            raise ValueError
        return Address(address.display_name, address.username, ascii_domain(address.domain))
    except (ValueError, IndexError):  # the standard library stumbles over "a@"
        raise ValueError(
            f'must be one address, such as "Comments, The Paper" <comments@paper.example>, not {text!r}'
        ) from None


def ascii_domain(domain: str) -> str:
    """The name by which every mail server knows a domain: without letters of other alphabets. Raises ValueError."""
    if domain.isascii() and domain:
        return domain
    try:
        return validate_email(f"x@{domain}", check_deliverability=False).ascii_domain
    except EmailNotValidError as error:
        raise ValueError(str(error)) from error
