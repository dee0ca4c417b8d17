"""What completed tests say beside each other: reads documents and artifacts, writes nothing."""
