"""The service: composes signing, ocr and protocol_register into the path of an application."""
