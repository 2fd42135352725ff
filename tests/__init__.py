"""What Parley promises, tested through its public interface on real servers."""
