// A doubly linked list whose links live in its items: adding and removing never allocates.
// An item has a ListNode member for each list that it may be in: List<Thread, &Thread::run_node>.
// The list owns nothing and locks nothing; an item leaves its list before it dies.
#pragma once
#include "base/panic.h"
#include "base/types.h"

struct ListNode : Immovable {
    ListNode* next = nullptr;
    ListNode* previous = nullptr;

    constexpr ListNode() = default;
    bool linked() const { return next != nullptr; }

    // Takes the item out of whatever list it is in.
    void unlink() {
        ASSERT(linked());
        next->previous = previous;
        previous->next = next;
        next = previous = nullptr;
    }
};

template <typename T, ListNode T::*Node> class List : Immovable {
  public:
    constexpr List() { head_.next = head_.previous = &head_; }

    bool empty() const { return head_.next == &head_; }
    T* front() { return empty() ? nullptr : item(head_.next); }
    void push_front(T& t) { link(t.*Node, head_, *head_.next); }
    void push_back(T& t) { link(t.*Node, *head_.previous, head_); }
    void insert_before(T& position, T& t) {
        link(t.*Node, *(position.*Node).previous, position.*Node);
    }

    // The first item, taken out; null where there is none.
    T* pop_front() {
        T* first = front();
        if (first != nullptr) (first->*Node).unlink();
        return first;
    }

    void remove(T& t) { (t.*Node).unlink(); }
    // The item after `t`, or null.
    T* next(T& t) {
        ListNode* node = (t.*Node).next;
        return node == &head_ ? nullptr : item(node);
    }

    class Iterator {
      public:
        explicit Iterator(ListNode* node) : node_(node), next_(node->next) {}
        T& operator*() const { return *item(node_); }
        // The item just visited may be taken out of the list meanwhile; no other may.
        Iterator& operator++() {
            node_ = next_;
            next_ = node_->next;
            return *this;
        }
        bool operator!=(const Iterator& other) const { return node_ != other.node_; }

      private:
        ListNode* node_;
        ListNode* next_;
    };
    Iterator begin() { return Iterator(head_.next); }
    Iterator end() { return Iterator(&head_); }

  private:
    static T* item(ListNode* node) {
        T* none = nullptr;
        usize offset = reinterpret_cast<usize>(&(none->*Node));
        return reinterpret_cast<T*>(reinterpret_cast<usize>(node) - offset);
    }
    static void link(ListNode& node, ListNode& before, ListNode& after) {
        ASSERT(!node.linked());
        node.previous = &before;
        node.next = &after;
        before.next = &node;
        after.previous = &node;
    }

    ListNode head_;
};
