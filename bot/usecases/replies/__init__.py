"""Auto-replies: which message gets one, and what people say of them."""
