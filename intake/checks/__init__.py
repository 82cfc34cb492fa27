"""What the service finds in a returned document: composes signing, ocr and the notice's rules into findings."""
