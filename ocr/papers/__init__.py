"""The papers that come with a form: sorted, looked at for quality, put to the workers and to the signer."""
